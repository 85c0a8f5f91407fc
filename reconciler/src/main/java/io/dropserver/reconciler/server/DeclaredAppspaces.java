package io.dropserver.reconciler.server;

import io.dropserver.backup.engine.BackupSource.AppspaceDeclaration;
import io.dropserver.reconciler.backup.Appspaces;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.status.EventLog;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.state.DataFolder;
import io.dropserver.schema.state.DataFolder.Writer;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.status.Reason;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Appspaces as seen by backups. */
record DeclaredAppspaces(Converger converger, DataFolders data, EventLog events)
    implements Appspaces {
  @Override
  public Optional<Declared> find(String name) {
    return converger
        .declared(ObjectKey.appspace(name))
        .filter(Appspace.class::isInstance)
        .map(Appspace.class::cast)
        .map(appspace -> new Declared(appspace, declaration(appspace)));
  }

  /** Describes the version that wrote the data. During an upgrade, that is not the declared one. */
  private AppspaceDeclaration declaration(Appspace appspace) {
    Optional<Writer> writer = data.live(appspace.name()).flatMap(DataFolder::writer);
    String version = writer.map(Writer::version).orElse(appspace.app().version());
    TreeMap<String, List<String>> users = new TreeMap<>();
    appspace
        .members()
        .forEach(
            memberEntry -> users.put(memberEntry.user(), List.copyOf(memberEntry.permissions())));
    return new AppspaceDeclaration(
        appspace.app().name(),
        version,
        writer.map(Writer::contentId).orElse(""),
        source(appspace.app().name(), version),
        appspace.owner(),
        users,
        converger.revision());
  }

  private String source(String app, String version) {
    return converger
        .declared(new ObjectKey(Kind.APP, app))
        .filter(App.class::isInstance)
        .map(App.class::cast)
        .flatMap(declared -> declared.version(version))
        .map(App.AppVersion::source)
        .map(this::text)
        .orElse("");
  }

  private String text(App.Source source) {
    return switch (source) {
      case App.PathSource path ->
          "path %s at %s".formatted(path.path(), path.commit().orElse(converger.revision()));
      case App.GitRepositorySource git ->
          "git %s at %s in %s".formatted(git.url(), git.commit(), git.subdir());
      case App.PackageSource file -> "package %s sha256 %s".formatted(file.url(), file.sha256());
    };
  }

  @Override
  public void runWhileStopped(String appspace, Runnable work) {
    converger.runWhileStopped(appspace, work);
  }

  @Override
  public void retry(String appspace) {
    if (converger.declared(ObjectKey.appspace(appspace)).isPresent()) {
      var _ = converger.retry(appspace);
    }
  }

  @Override
  public void report(String appspace, Reason reason, String message, boolean warning) {
    events.add(events.event(ObjectKey.appspace(appspace), reason, message, warning));
  }

  @Override
  public String revision() {
    return converger.revision();
  }
}
