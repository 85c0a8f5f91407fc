package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;

/**
 * Restores passwords and passkeys from a backup of the server into the database that replaced a
 * lost one. Not thread-safe; no server may use the folder.
 */
public record IdentityRecovery(
    StateFolder folder, RepositorySettings settings, CredentialCopy copy, Clock clock) {

  /** Copies credentials between databases. */
  @FunctionalInterface
  public interface CredentialCopy {
    Copied copy(StateDatabase from, StateDatabase to);
  }

  /**
   * The copied credentials.
   *
   * @param users who have a copied password or passkey
   */
  public record Copied(int passwords, int passkeys, SortedSet<String> users) {}

  /**
   * The result.
   *
   * @param backup when the backup was made
   */
  public record RecoveredIdentity(
      Instant backup, int passwords, int passkeys, SortedSet<String> users) {}

  /**
   * Uses the newest backup of the server that is older than the database, because later backups are
   * of the database without the credentials. Running it again adds nothing.
   *
   * @throws StateException when the folder is empty or in use, or the backup is of another server
   * @throws BackupException when the repository cannot be read, or has no such backup
   */
  public RecoveredIdentity run(ProgressListener progressListener) {
    if (folder.content().isEmpty()) {
      throw new StateException(
          "the state folder %s is empty: name another one with --state, or run `dropserver recover` without --identity"
              .formatted(folder.root()));
    }
    BackupFolders backups = new BackupFolders(folder.backups());
    try (StateFolder.Lock _ = folder.lock();
        BackupEngine source =
            new BackupEngine(backups, new ResticRepository(settings), Recovery.AT_REST, clock);
        StateDatabase database = StateDatabase.open(folder.database(), clock)) {
      folder.requireRecovered();
      backups.prepare();
      // Must not create a repository, because the location may be mistyped.
      source.repository().open(false);
      ResticSnapshot snapshot = newestBefore(database.createdAt(), source.list());
      Path restored = backups.scratch().resolve("server");
      source.restore(snapshot, List.of(), restored, progressListener);
      RecoveredIdentity recovered = copyFrom(restored, database, snapshot);
      AtomicFiles.deleteTree(restored);
      return recovered;
    } catch (IOException e) {
      throw new StateException("no identity can be recovered into " + folder.root() + ": " + e, e);
    }
  }

  private ResticSnapshot newestBefore(Instant created, List<ResticSnapshot> newestFirst) {
    return newestFirst.stream()
        .filter(each -> each.tags().contains(BackupEngine.SERVER_TAG))
        .filter(each -> each.time().isBefore(created))
        .findFirst()
        .orElseThrow(
            () ->
                new BackupException(
                    BackupReason.NO_SUCH_SNAPSHOT,
                    "the database %s is of %s, and the repository %s has no backup of the server from before; name another repository with --repository, or create login links with `dropserver user enroll`"
                        .formatted(
                            folder.database(),
                            RepositoryCondition.text(created),
                            settings.repository())));
  }

  private RecoveredIdentity copyFrom(Path restored, StateDatabase database, ResticSnapshot snapshot)
      throws IOException {
    restoreKey(restored.resolve(folder.root().relativize(folder.identityKey())));
    Path file = restored.resolve(folder.root().relativize(folder.database()));
    if (!Files.exists(file)) {
      throw new StateException("the backup " + snapshot.shortId() + " has no database");
    }
    // Opened for writing, because the backup of an earlier release is migrated first.
    try (StateDatabase earlier = StateDatabase.open(file, clock)) {
      if (earlier.rebuilt()) {
        throw new StateException("the database in backup " + snapshot.shortId() + " is damaged");
      }
      Copied copied = copy.copy(earlier, database);
      return new RecoveredIdentity(
          snapshot.time(), copied.passwords(), copied.passkeys(), copied.users());
    }
  }

  /** Passkeys work only with the key of their server. */
  private void restoreKey(Path backup) throws IOException {
    Path key = folder.identityKey();
    if (!Files.exists(backup)) {
      return;
    }
    byte[] earlier = Files.readAllBytes(backup);
    if (!Files.exists(key)) {
      AtomicFiles.write(key, earlier);
    } else if (!Arrays.equals(Files.readAllBytes(key), earlier)) {
      throw new StateException(
          "%s is not the key of the backup, with which its passkeys and the user ids of apps belong together; move it away to get that of the backup, and run this command again"
              .formatted(key));
    }
  }
}
