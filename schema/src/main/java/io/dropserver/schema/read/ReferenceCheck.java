package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.document.SpellingSuggestion;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.Group;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.ProviderAccount;
import io.dropserver.schema.instance.Secret;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.User;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Validates references between documents. Used once, by one thread. */
final class ReferenceCheck {
  private final Map<String, ManifestFile> manifests;
  private final Set<String> appFiles;
  private final Locator locator;
  private final DocumentIndex documentIndex;
  private final List<Problem> problems = new ArrayList<>();

  ReferenceCheck(
      SourceTree tree,
      Map<String, FileContent> files,
      Map<String, ManifestFile> manifests,
      Set<String> appFiles) {
    this.manifests = manifests;
    this.appFiles = appFiles;
    this.locator = new Locator(tree);
    this.documentIndex = new DocumentIndex(files, problems);
  }

  List<Problem> problems() {
    checkAccounts();
    documentIndex.documents(Kind.GROUP).forEach(d -> check((Group) d.resource()));
    documentIndex.documents(Kind.APP).forEach(d -> check((App) d.resource()));
    checkFolders();
    documentIndex.documents(Kind.APPSPACE).forEach(d -> check(d, (Appspace) d.resource()));
    checkHosts();
    problems.addAll(CustomHostCheck.problems(documentIndex));
    documentIndex
        .documents(Kind.EGRESS_WHITELIST)
        .forEach(d -> check(d, (EgressWhitelist) d.resource()));
    problems.addAll(SecretCheck.problems(documentIndex));
    return problems;
  }

  /** Reports accounts that several users have. A log-in must identify one user. */
  private void checkAccounts() {
    Map<ProviderAccount, User> seen = new HashMap<>();
    for (Document document : documentIndex.documents(Kind.USER)) {
      User user = (User) document.resource();
      for (ProviderAccount account : user.accounts()) {
        User first = seen.putIfAbsent(account, user);
        if (first != null && !first.name().equals(user.name())) {
          report(
              locator.find(document, "accounts"),
              "the account " + Quoting.quote(account.text()) + " belongs to two users",
              "the other is " + first.name() + " in " + first.location() + "; remove one entry");
        }
      }
    }
  }

  private void check(Group group) {
    for (Group.Member member : group.members()) {
      checkReference(member.location(), Kind.USER, member.user());
    }
  }

  private void check(App app) {
    for (App.AppVersion appVersion : app.versions()) {
      if (appVersion.source() instanceof PathSource source
          && source.commit().isEmpty()
          && RelativePaths.isInside(source.path())) {
        new AppFolderCheck(manifests, appFiles, problems).check(appVersion, source);
      }
    }
  }

  /**
   * Reports folders that are the source of several versions. A folder has only one manifest and
   * therefore only one version.
   */
  private void checkFolders() {
    Map<String, Location> seen = new TreeMap<>();
    for (Document document : documentIndex.documents(Kind.APP)) {
      for (App.AppVersion appVersion : ((App) document.resource()).versions()) {
        if (appVersion.source() instanceof PathSource source && source.commit().isEmpty()) {
          Location first = seen.putIfAbsent(source.path(), source.location());
          if (first != null) {
            report(
                source.location(),
                "the folder " + Quoting.quote(source.path()) + " already serves another version",
                "see " + first + "; pin the older version with `commit:`");
          }
        }
      }
    }
  }

  private void check(Document document, Appspace appspace) {
    checkReference(document, Kind.USER, appspace.owner(), "owner");
    checkApp(document, appspace);
    checkMembers(appspace);
    String earlier = appspace.renamedFrom().orElse("");
    if (!earlier.equals(appspace.name()) && documentIndex.has(Kind.APPSPACE, earlier)) {
      report(
          locator.find(document, "renamedFrom"),
          "the appspace " + Quoting.quote(earlier) + " still exists",
          "its data can belong to one appspace only; remove that appspace or this key");
    }
  }

  private void checkMembers(Appspace appspace) {
    Optional<Set<String>> declared =
        appspace.members().isEmpty() ? Optional.empty() : permissions(appspace);
    for (Appspace.MemberEntry memberEntry : appspace.members()) {
      checkReference(memberEntry.location(), memberEntry.kind(), memberEntry.name());
      if (declared.isPresent()) {
        for (String permission : memberEntry.permissions()) {
          checkPermission(appspace, memberEntry, permission, declared.get());
        }
      }
    }
  }

  private void checkPermission(
      Appspace appspace,
      Appspace.MemberEntry memberEntry,
      String permission,
      Set<String> declared) {
    if (!declared.contains(permission)) {
      problems.add(
          new Problem(
              memberEntry.location(),
              "the app "
                  + appspace.app().name()
                  + " declares no permission "
                  + Quoting.quote(permission),
              SpellingSuggestion.hint(permission, declared)
                  .or(() -> Optional.of("its dropapp.json declares no permissions"))));
    }
  }

  private Optional<Set<String>> permissions(Appspace appspace) {
    return documentIndex
        .app(appspace.app().name())
        .flatMap(app -> app.version(appspace.app().version()))
        .flatMap(version -> DeclaredPermissions.of(version, manifests));
  }

  private void checkApp(Document document, Appspace appspace) {
    String name = appspace.app().name();
    checkReference(document, Kind.APP, name, "app", "name");
    String version = appspace.app().version();
    Optional<App> app = documentIndex.app(name);
    if (version.isEmpty() || app.isEmpty() || app.get().version(version).isPresent()) {
      return;
    }
    List<String> versions = app.get().versions().stream().map(App.AppVersion::version).toList();
    problems.add(
        new Problem(
            appspace.app().location(),
            "the app " + name + " has no version " + Quoting.quote(version),
            versions.size() > 12
                ? SpellingSuggestion.nearest(version, versions)
                : Optional.of("it has " + String.join(", ", versions))));
  }

  private void checkHosts() {
    Map<String, Appspace> seen = new HashMap<>();
    for (Document document : documentIndex.documents(Kind.APPSPACE)) {
      Appspace appspace = (Appspace) document.resource();
      Appspace first =
          appspace.host().isEmpty() ? null : seen.putIfAbsent(appspace.host(), appspace);
      if (first != null && !first.name().equals(appspace.name())) {
        report(
            locator.find(document, "host"),
            "the host " + Quoting.quote(appspace.host()) + " is taken",
            "by the appspace " + first.name() + " in " + first.location());
      }
    }
    Map<String, Appspace> renamed = new HashMap<>();
    for (Document document : documentIndex.documents(Kind.APPSPACE)) {
      Appspace appspace = (Appspace) document.resource();
      String earlier = appspace.renamedFrom().orElse("");
      Appspace first = earlier.isEmpty() ? null : renamed.putIfAbsent(earlier, appspace);
      if (first != null) {
        report(
            locator.find(document, "renamedFrom"),
            "another appspace was renamed from " + Quoting.quote(earlier) + " too",
            "see " + first.name() + " in " + first.location());
      }
    }
  }

  private void check(Document document, EgressWhitelist whitelist) {
    checkReference(document, Kind.APPSPACE, whitelist.appspace(), "appspace");
    boolean misleading =
        !whitelist.name().equals(whitelist.appspace())
            && documentIndex.has(Kind.APPSPACE, whitelist.name());
    if (misleading) {
      report(
          document.nameLocation(),
          "this whitelist has the name of one appspace and applies to another",
          "the server writes approvals for "
              + whitelist.name()
              + " into the whitelist of that name; rename this one");
    }
    for (EgressWhitelist.AllowEntry allowEntry : whitelist.allow()) {
      if (allowEntry instanceof AllowAppspace other) {
        checkReference(other.location(), Kind.APPSPACE, other.appspace());
        if (other.appspace().equals(whitelist.appspace())) {
          report(
              other.location(),
              "an appspace needs no permission to reach itself",
              "remove the entry");
        }
      }
    }
  }

  private void checkReference(Document document, Kind kind, String name, String... keys) {
    if (documentIndex.isUndeclared(kind, name)) {
      checkReference(locator.find(document, keys), kind, name);
    }
  }

  private void checkReference(Location at, Kind kind, String name) {
    if (documentIndex.isUndeclared(kind, name)) {
      problems.add(
          new Problem(
              at,
              "there is no " + kind.text() + " " + Quoting.quote(name),
              SpellingSuggestion.hint(name, documentIndex.names(kind))
                  .or(() -> Optional.of("add a document of kind " + kind.text()))));
    }
  }

  private void report(Location location, String message, String hint) {
    problems.add(Problem.at(location, message, hint));
  }

  /** Returns the instance. Must be called only if no problem was found in any file. */
  Instance instance() {
    InstanceSettings settings =
        (InstanceSettings) documentIndex.documents(Kind.INSTANCE).getFirst().resource();
    SortedMap<String, Appspace> appspaces = new TreeMap<>();
    for (Document document : documentIndex.documents(Kind.APPSPACE)) {
      Appspace appspace = (Appspace) document.resource();
      Appspace resolved =
          appspace.resolved(
              document.overrides().limits().apply(settings.defaultLimits()),
              document.overrides().backup().apply(settings.defaultBackup()));
      appspaces.put(appspace.name(), resolved);
    }
    return new Instance(
        settings,
        byName(Kind.USER, User.class),
        byName(Kind.GROUP, Group.class),
        byName(Kind.APP, App.class),
        Collections.unmodifiableSortedMap(appspaces),
        byName(Kind.EGRESS_WHITELIST, EgressWhitelist.class),
        byName(Kind.SECRET, Secret.class),
        documentIndex.labels());
  }

  private <T> SortedMap<String, T> byName(Kind kind, Class<T> type) {
    SortedMap<String, T> map = new TreeMap<>();
    for (Document document : documentIndex.documents(kind)) {
      map.put(document.resource().name(), type.cast(document.resource()));
    }
    return Collections.unmodifiableSortedMap(map);
  }
}
