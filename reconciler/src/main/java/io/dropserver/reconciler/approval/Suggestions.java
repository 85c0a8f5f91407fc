package io.dropserver.reconciler.approval;

import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.DestinationException;
import io.dropserver.sandbox.egress.UrlPattern;
import io.dropserver.schema.instance.Manifest;
import io.dropserver.schema.instance.Manifest.SuggestedEgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What apps say in their manifests that they want to reach, by the appspaces that run them. */
final class Suggestions {
  private final Map<String, List<Suggestion>> appspaces = new ConcurrentHashMap<>();

  private record Suggestion(UrlPattern pattern, String reason) {}

  void of(String appspace, Manifest manifest) {
    List<Suggestion> suggestions = new ArrayList<>();
    for (SuggestedEgress egress : manifest.egress()) {
      try {
        suggestions.add(new Suggestion(UrlPattern.parse(egress.url()), egress.reason()));
      } catch (DestinationException unusable) {
        // What no whitelist can say is suggested to nobody.
      }
    }
    appspaces.put(appspace, List.copyOf(suggestions));
  }

  /** An app's words for wanting that origin. */
  Optional<String> reason(String appspace, Destination destination) {
    return appspaces.getOrDefault(appspace, List.of()).stream()
        .filter(each -> each.pattern().scheme() == destination.scheme())
        .filter(each -> each.pattern().couldMatch(destination.host(), destination.port()))
        .map(Suggestion::reason)
        .filter(reason -> !reason.isBlank())
        .findFirst();
  }
}
