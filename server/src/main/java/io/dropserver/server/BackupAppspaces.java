package io.dropserver.server;

import io.dropserver.backup.engine.BackupSource.AppspaceDeclaration;
import io.dropserver.reconciler.backup.Appspaces;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Kind;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.condition.Reason;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Gives the backup module access to declared appspaces. */
record BackupAppspaces(Stores stores) implements Appspaces {
  @Override
  public Optional<Declared> find(String name) {
    return stores
        .declared()
        .appspace(name)
        .map(appspace -> new Declared(appspace, declaration(appspace)));
  }

  /**
   * Describes the version that wrote the data, which differs from the declared version during an
   * upgrade.
   */
  private AppspaceDeclaration declaration(Appspace appspace) {
    Optional<Writer> writer = stores.data().live(appspace.name()).flatMap(DataFolder::writer);
    String version = writer.map(Writer::version).orElse(appspace.app().version());
    TreeMap<String, List<String>> users = new TreeMap<>();
    appspace
        .members()
        .forEach(
            entry ->
                users.put(
                    (entry.kind() == Kind.GROUP ? "group " : "") + entry.name(),
                    List.copyOf(entry.permissions())));
    return new AppspaceDeclaration(
        appspace.app().name(),
        version,
        writer.map(Writer::contentId).orElse(""),
        source(appspace.app().name(), version),
        appspace.owner(),
        users,
        stores.declared().revision());
  }

  private String source(String app, String version) {
    return stores
        .declared()
        .instance()
        .flatMap(instance -> Optional.ofNullable(instance.apps().get(app)))
        .flatMap(declared -> declared.version(version))
        .map(App.AppVersion::source)
        .map(this::text)
        .orElse("");
  }

  private String text(App.Source source) {
    return switch (source) {
      case App.PathSource path ->
          "path %s at %s"
              .formatted(path.path(), path.commit().orElse(stores.declared().revision()));
      case App.GitRepositorySource git ->
          "git %s at %s in %s".formatted(git.url(), git.commit(), git.subdir());
      case App.PackageSource file -> "package %s sha256 %s".formatted(file.url(), file.sha256());
      case App.NpmSource npm ->
          npm.specifier() + npm.lock().map(lock -> " locked by " + lock.path()).orElse("");
    };
  }

  @Override
  public void runWhileStopped(String appspace, Runnable work) {
    stores.work().runWhileStopped(appspace, work);
  }

  @Override
  public void retryFailed() {
    stores.work().retryFailed();
  }

  @Override
  public void report(String appspace, Reason reason, String message, boolean warning) {
    stores.events().report(appspace, reason, message, warning);
  }
}
