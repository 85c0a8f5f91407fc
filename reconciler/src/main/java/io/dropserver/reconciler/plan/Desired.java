package io.dropserver.reconciler.plan;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.Resource;
import io.dropserver.schema.instance.Secret;
import io.dropserver.schema.instance.User;
import java.util.Optional;
import java.util.stream.Stream;

/** The declarations of a revision, with the contents of its app versions. */
public record Desired(Instance instance, ContentIds contents) {

  /** Returns all objects in the order of {@link ObjectKey}. */
  public Stream<Resource> objects() {
    return Stream.of(
            Stream.of(instance.settings()),
            instance.users().values().stream(),
            instance.groups().values().stream(),
            instance.apps().values().stream(),
            instance.appspaces().values().stream(),
            instance.whitelists().values().stream(),
            instance.secrets().values().stream())
        .flatMap(objects -> objects);
  }

  public Optional<Resource> find(ObjectKey key) {
    return Optional.ofNullable(
        switch (key.kind()) {
          case INSTANCE ->
              instance.settings().name().equals(key.name()) ? instance.settings() : null;
          case USER -> instance.users().get(key.name());
          case GROUP -> instance.groups().get(key.name());
          case APP -> instance.apps().get(key.name());
          case APPSPACE -> instance.appspaces().get(key.name());
          case EGRESS_WHITELIST -> instance.whitelists().get(key.name());
          case SECRET -> instance.secrets().get(key.name());
        });
  }

  /**
   * Returns the content IDs of the app versions that the object refers to; an empty string for
   * kinds without versions.
   */
  String contentOf(Resource resource) {
    return switch (resource) {
      case Appspace appspace -> appContent(appspace);
      case App app ->
          String.join(
              "\n", app.versions().stream().map(v -> contents.of(v).orElse("unknown")).toList());
      case InstanceSettings _, User _, Group _, EgressWhitelist _, Secret _ -> "";
    };
  }

  private String appContent(Appspace appspace) {
    App app = instance.apps().get(appspace.app().name());
    return app == null
        ? "unknown"
        : app.version(appspace.app().version()).flatMap(contents::of).orElse("unknown");
  }
}
