package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.BackupSource;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.reconciler.backup.Deletion.Declared;
import io.dropserver.reconciler.backup.Deletion.Last;
import io.dropserver.reconciler.converge.AppspaceRemovalListener.LastDeclared;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolder.Writer;
import io.dropserver.state.DataFolders;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.BackupReason;
import io.dropserver.state.condition.EventReason;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Deletes data of removed appspaces in durable steps: makes a last backup, reads it back
 * completely, and deletes the data. The data stays if the process is killed before the deletion, if
 * a step fails, or if the appspace is declared again. Thread-safe, but each deletion must be
 * carried out by one thread at a time.
 */
public record DataDeleter(
    BackupEngine backupEngine,
    DataAccess access,
    DataFolders data,
    DeletionStore deletionStore,
    Appspaces appspaces) {
  /** See {@link io.dropserver.reconciler.converge.AppspaceRemovalListener#beforeRetention}. */
  void recordRemoval(DataFolder folder, Instant at, Optional<LastDeclared> last) {
    last.ifPresentOrElse(
        declared ->
            deletionStore.recordRequest(
                folder.id(), folder.appspace(), at, declared(folder, declared)),
        () -> deletionStore.cancel(folder.id()));
  }

  private static Declared declared(DataFolder folder, LastDeclared last) {
    return new Declared(
        new BackupSource.AppspaceDeclaration(
            folder.app(),
            folder.writer().map(Writer::version).orElse(""),
            folder.writer().map(Writer::contentId).orElse(""),
            last.source(),
            folder.owner(),
            last.users(),
            last.revision()),
        last.storageBytes());
  }

  /**
   * Attempts a pending deletion.
   *
   * @throws BackupException when the data stays for now; the reason is recorded
   */
  void carryOut(String dataId) {
    deletionStore.pending(dataId).ifPresent(this::carryOut);
  }

  private void carryOut(Deletion deletion) {
    try {
      takeSteps(deletion);
    } catch (BackupException e) {
      if (!stillRetained(deletion) && data.find(deletion.dataId()).isPresent()) {
        deletionStore.forget(deletion); // the appspace was declared again in the meantime
        return;
      }
      throw recordFailure(deletion, e);
    } catch (SandboxException | StateException | UncheckedIOException e) {
      throw recordFailure(
          deletion,
          new BackupException(BackupReason.SOURCE_UNREADABLE, String.valueOf(e.getMessage()), e));
    }
  }

  private void takeSteps(Deletion deletion) {
    Optional<DataFolder> folder = data.find(deletion.dataId());
    if (folder.isEmpty()) {
      recordDeleted(deletion);
      return;
    }
    if (!deletion.isFor(folder.get())) {
      deletionStore.forget(deletion);
      return;
    }
    Deletion backedUp =
        deletion.lastBackup().isPresent()
            ? deletion
            : deletionStore.backedUp(deletion, backUp(deletion, folder.get()));
    Deletion proven = prove(backedUp);
    if (data.discard(proven.dataId(), proven.retainedAt())) {
      recordDeleted(proven);
    } else {
      deletionStore.forget(proven);
    }
  }

  private Last backUp(Deletion deletion, DataFolder folder) {
    Path files = data.files(folder);
    BackupSource backupSource =
        new BackupSource(
            deletion.appspace(),
            folder.id(),
            files,
            deletion.declared().storageBytes(),
            deletion.declared().declaration());
    try {
      BackupReport report =
          backupEngine.backUpUnassigned(
              backupSource, () -> stillRetained(deletion), ProgressListener.NONE);
      if (!report.isComplete()) {
        throw new BackupException(
            BackupReason.SOURCE_UNREADABLE,
            "%d entries cannot be backed up, such as %s (%s): check them; `dropserver data discard %s` deletes the data anyway"
                .formatted(
                    report.skippedCount(),
                    report.skipped().getFirst().path(),
                    report.skipped().getFirst().why(),
                    deletion.dataId()));
      }
      return new Last(report.snapshot(), Instant.ofEpochMilli(report.takenAt().toEpochMilli()));
    } finally {
      access.release(files);
    }
  }

  private boolean stillRetained(Deletion deletion) {
    return data.find(deletion.dataId()).filter(deletion::isFor).isPresent();
  }

  /**
   * Reads the last backup back completely. The process that deletes the data always does this
   * itself, even if an earlier process has done it.
   */
  private Deletion prove(Deletion deletion) {
    try {
      backupEngine.verifyAll(deletion.lastBackup().orElseThrow().snapshot(), ProgressListener.NONE);
      return deletionStore.proven(deletion);
    } catch (BackupException e) {
      if (e.reason() == BackupReason.NOT_VERIFIED || e.reason() == BackupReason.NO_SUCH_SNAPSHOT) {
        deletionStore.clearLastBackup(deletion);
      }
      throw e;
    }
  }

  /**
   * Records that the data no longer exists, because it was deleted after its last backup was read
   * back, or discarded by an operator.
   */
  private void recordDeleted(Deletion deletion) {
    if (deletion.provenAt().isEmpty() || deletion.lastBackup().isEmpty()) {
      deletionStore.forget(deletion);
      return;
    }
    backupEngine.removeMirror(deletion.dataId());
    deletionStore.deleted(deletion);
    Last last = deletion.lastBackup().get();
    String message =
        "its data of %s is deleted; `dropserver backup restore %s` restores it from its last backup"
            .formatted(last.takenAt().truncatedTo(ChronoUnit.SECONDS), last.shortId());
    appspaces.report(deletion.appspace(), EventReason.DATA_DELETED, message, false);
    appspaces.retryFailed();
  }

  private BackupException recordFailure(Deletion deletion, BackupException failure) {
    if (failure.reason() != BackupReason.INTERRUPTED) {
      String message = String.valueOf(failure.getMessage());
      BackupStatusStore.Failure why = new BackupStatusStore.Failure(failure.reason(), message);
      if (!deletion.failure().equals(Optional.of(why))) {
        appspaces.report(
            deletion.appspace(), EventReason.DELETION_WAITS, "its data is kept: " + message, true);
      }
      deletionStore.recordFailure(deletion, why);
    }
    return failure;
  }
}
