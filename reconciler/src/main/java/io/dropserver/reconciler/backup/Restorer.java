package io.dropserver.reconciler.backup;

import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.AppspaceTransfer;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupManifest;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.base.text.DnsLabel;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.ControlException;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.DataFolders;
import io.dropserver.state.DataFolders.IncomingData;
import io.dropserver.state.condition.EventReason;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

/**
 * Replaces the data of an appspace with data from a backup or an import. Prepares the new data next
 * to the old data. One transaction then swaps them, and the old data is retained. So the appspace
 * always has either the complete old data or the complete new data. Thread-safe.
 */
public record Restorer(
    BackupEngine backupEngine,
    BackupRuns runs,
    AppspaceTransfer appspaceTransfer,
    DataAccess access,
    Appspaces appspaces,
    DataFolders data,
    DeletionStore deletions) {
  /**
   * Restores data of an earlier app version. That version is declared again, but it cannot read the
   * data that the later version wrote.
   */
  BackupOutcome goBack(
      ResticSnapshot resticSnapshot, String name, ProgressListener progressListener) {
    BackupManifest backupManifest = backupEngine.manifest(resticSnapshot);
    String declared =
        appspaces
            .find(name)
            .map(each -> each.appspace().app().version())
            .orElseThrow(
                () ->
                    new ControlException(
                        "there is no appspace \"%s\"; `dropserver get appspace` lists them"
                            .formatted(name)));
    if (!backupManifest.version().equals(declared) || !backupManifest.appspace().equals(name)) {
      throw new ControlException(
          "snapshot %s is data of %s as version %s wrote it, and version %s of %s is declared: name another snapshot (`dropserver backup list %s`), or change app.version in the repository"
              .formatted(
                  resticSnapshot.shortId(),
                  backupManifest.appspace(),
                  backupManifest.version(),
                  declared,
                  name,
                  name));
    }
    BackupOutcome restored =
        restore(resticSnapshot, Optional.of(name), List.of(), progressListener);
    return new BackupOutcome(
        "%s has the data from %s again, and version %s; data that it wrote since then is in the newest backup (`dropserver backup list %s`)"
            .formatted(name, backupManifest.takenAt(), declared, name),
        restored.fields());
  }

  /** The appspace that receives the data, and whether it is declared. */
  private record Recipient(String appspace, String app, String owner, boolean declared) {
    boolean isSourceOf(BackupManifest backupManifest) {
      return appspace.equals(backupManifest.appspace())
          && app.equals(backupManifest.app())
          && owner.equals(backupManifest.owner());
    }
  }

  /**
   * @param wanted the appspace to restore into; empty means the original one
   * @param only paths to restore over the current data; empty means the whole snapshot
   */
  BackupOutcome restore(
      ResticSnapshot resticSnapshot,
      Optional<String> wanted,
      List<String> only,
      ProgressListener progressListener) {
    BackupManifest backupManifest = backupEngine.manifest(resticSnapshot);
    if (backupManifest.appspace().isEmpty()) {
      throw new ControlException(
          "%s is a backup of the server itself: restore it with `dropserver recover`, or into a folder"
              .formatted(resticSnapshot.shortId()));
    }
    Recipient to = recipient(wanted.orElse(backupManifest.appspace()), Optional.of(backupManifest));
    if (only.isEmpty()) {
      // Back up the current data first, so that the restore can be undone.
      present(to).ifPresent(name -> runs.backUp(name, ProgressListener.NONE));
      Function<Path, Optional<Writer>> fill =
          target ->
              backupEngine.restore(resticSnapshot, List.of(), target, progressListener).writer();
      BackupOutcome outcome = replace(to, fill, "snapshot " + resticSnapshot.shortId(), false);
      if (to.isSourceOf(backupManifest)) {
        deletions.forgetLastBackup(resticSnapshot.id());
      }
      return outcome;
    }
    if (present(to).isEmpty()) {
      throw new ControlException(
          to.appspace() + " has no data yet to restore single paths into; restore all of it");
    }
    Function<Path, Optional<Writer>> fill =
        target -> {
          BackupReport before = runs.backUp(to.appspace(), ProgressListener.NONE);
          backupEngine.restore(
              backupEngine.find(before.snapshot(), ""), List.of(), target, progressListener);
          backupEngine.restoreOver(resticSnapshot, only, target, progressListener);
          // The data keeps its version, because files that are not restored have its format.
          return data.live(to.appspace()).flatMap(DataFolder::writer);
        };
    return replace(
        to, fill, String.join(", ", only) + " of snapshot " + resticSnapshot.shortId(), true);
  }

  BackupOutcome importData(Path from, String appspace) {
    Recipient to = recipient(appspace, Optional.empty());
    long storage = storageBytes(appspace);
    present(to).ifPresent(name -> runs.backUp(name, ProgressListener.NONE));
    Function<Path, Optional<Writer>> fill =
        target -> {
          AppspaceTransfer.ImportResult importResult =
              appspaceTransfer.importFrom(from, target, storage);
          importResult
              .manifest()
              .ifPresent(backupManifest -> requireSameApp(backupManifest, to.appspace(), to.app()));
          return importResult.manifest().flatMap(BackupManifest::writer);
        };
    return replace(to, fill, from.toString(), false);
  }

  /** Returns the storage limit; 0 if the appspace is not declared. */
  private long storageBytes(String appspace) {
    return appspaces
        .find(appspace)
        .map(declared -> declared.appspace().limits().storageBytes())
        .orElse(0L);
  }

  private Optional<String> present(Recipient to) {
    return to.declared() && data.live(to.appspace()).isPresent()
        ? Optional.of(to.appspace())
        : Optional.empty();
  }

  private Recipient recipient(String name, Optional<BackupManifest> manifest) {
    Optional<Appspace> declared = appspaces.find(name).map(Appspaces.Declared::appspace);
    if (declared.isPresent()) {
      String app = declared.get().app().name();
      manifest.ifPresent(of -> requireSameApp(of, name, app));
      return new Recipient(name, app, declared.get().owner(), true);
    }
    BackupManifest of =
        manifest.orElseThrow(
            () ->
                new ControlException(
                    "there is no appspace \"%s\": declare it first, then import".formatted(name)));
    if (!DnsLabel.isValid(name)) {
      throw new ControlException(
          "\"%s\" is not a valid name of an appspace: use 1 to 63 lower case letters, digits and dashes, or --folder for a folder"
              .formatted(name));
    }
    return new Recipient(name, of.app(), of.owner(), false);
  }

  private static void requireSameApp(BackupManifest backupManifest, String appspace, String app) {
    if (!backupManifest.app().equals(app)) {
      throw new ControlException(
          "it is data of the app %s, and %s runs %s: restore it into an appspace of that app, or into a folder"
              .formatted(backupManifest.app(), appspace, app));
    }
  }

  /**
   * @param stopped whether the appspace must be stopped while the data is prepared
   */
  private BackupOutcome replace(
      Recipient to, Function<Path, Optional<Writer>> fill, String what, boolean stopped) {
    IncomingData incomingData = data.createIncoming();
    boolean[] done = new boolean[1];
    AtomicReference<Optional<Writer>> writer = new AtomicReference<>(Optional.empty());
    try {
      Runnable filling =
          () -> {
            writer.set(fill.apply(incomingData.files()));
            data.prepareIncoming(incomingData);
            // Done now, because doing it at the first start would delay a visitor.
            access.moveToVolume(
                incomingData.files(), incomingData.uid(), storageBytes(to.appspace()));
          };
      if (!stopped) {
        filling.run();
      }
      Runnable exchange =
          () -> {
            if (stopped) {
              filling.run();
            }
            data.replace(
                incomingData, to.appspace(), to.app(), to.owner(), writer.get(), to.declared());
            done[0] = true;
          };
      if (to.declared()) {
        appspaces.runWhileStopped(to.appspace(), exchange);
        appspaces.report(to.appspace(), EventReason.RESTORED, "restored " + what, false);
      } else {
        exchange.run();
      }
    } finally {
      if (!done[0]) {
        data.discardIncoming(incomingData);
      }
    }
    return outcome(to, what, writer.get().map(Writer::version).orElse(""));
  }

  private BackupOutcome outcome(Recipient to, String what, String version) {
    String message =
        to.declared()
            ? "%s is now the data of %s; its previous data is retained (`dropserver data list`)"
                .formatted(what, to.appspace())
            : "%s waits for an appspace \"%s\" of app %s and owner %s to be declared"
                .formatted(what, to.appspace(), to.app(), to.owner());
    return new BackupOutcome(
        message,
        Map.of(
            "appspace", to.appspace(), "from", what, "version", version, "served", to.declared()));
  }
}
