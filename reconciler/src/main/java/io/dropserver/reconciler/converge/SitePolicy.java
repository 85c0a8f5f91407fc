package io.dropserver.reconciler.converge;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BrowserPermissions;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.User;
import io.dropserver.state.DataFolder;
import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Derives the front door's view of a declared appspace: host, access, members and browser rules.
 */
final class SitePolicy {

  private SitePolicy() {}

  /**
   * @param app the version that the appspace runs; the owner has all permissions that it defines
   * @param data empty before the appspace has data
   */
  static Site of(
      Appspace appspace,
      Target target,
      Optional<InstalledApp> app,
      Optional<DataFolder> data,
      Site.State state,
      Instant now) {
    Set<String> all = app.map(each -> each.manifest().permissionNames()).orElse(Set.of());
    List<EgressWhitelist> whitelists = target.whitelists().getOrDefault(appspace.name(), List.of());
    return new Site(
        appspace.name(),
        appspace.host() + "." + target.instance().settings().domain(),
        appspace.access(),
        appspace.publicPaths(),
        BrowserPermissions.of(whitelists, now).policy(),
        appspace.limits().requestTimeout(),
        appspace.limits().requestBodyBytes(),
        state,
        members(appspace, all),
        entries(appspace, Kind.GROUP),
        data.map(DataFolder::identity).orElse("no data yet of " + appspace.name()),
        app.map(InstalledApp::contentId).orElse(""),
        appspace.owner(),
        appspace.customHostNames());
  }

  private static Map<String, Set<String>> members(Appspace appspace, Set<String> all) {
    Map<String, Set<String>> members = entries(appspace, Kind.USER);
    members.put(appspace.owner(), new TreeSet<>(all));
    return members;
  }

  private static Map<String, Set<String>> entries(Appspace appspace, Kind kind) {
    Map<String, Set<String>> entries = new HashMap<>();
    appspace.members().stream()
        .filter(entry -> entry.kind() == kind)
        .forEach(entry -> entries.put(entry.name(), entry.permissions()));
    return entries;
  }

  /** Returns the users who may log in at the front door, by name. */
  static Map<String, Person> people(Target target) {
    Set<String> owners =
        target.instance().appspaces().values().stream()
            .map(Appspace::owner)
            .collect(Collectors.toSet());
    return target.instance().users().values().stream()
        .map(
            user ->
                new Person(
                    user.name(),
                    user.displayName(),
                    user.role() == User.Role.ADMIN,
                    owners.contains(user.name()),
                    user.accounts()))
        .collect(Collectors.toUnmodifiableMap(Person::name, Function.identity()));
  }
}
