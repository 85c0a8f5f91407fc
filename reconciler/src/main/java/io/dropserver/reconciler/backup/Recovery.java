package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.engine.BackupManifest;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.reconciler.job.JobStore;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.DataFolder;
import io.dropserver.state.DataFolders;
import io.dropserver.state.DataFolders.IncomingData;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Fills an empty state folder from a backup repository: first the server's own state, then the
 * newest data of each appspace. At the next start, the config repository determines which appspaces
 * are served; the data of all others is retained. An interrupted recovery must be started again,
 * and a server refuses to start on its remains. Not thread-safe; no server may use the folder.
 */
public final class Recovery {
  private final StateFolder folder;
  private final BackupFolders backups;
  private final RepositorySettings settings;
  private final Function<StateDatabase, DataFolders> opening;
  private final Clock clock;

  /** Access to data while no server runs, so there is no sandbox to stop and no volume to mount. */
  static final DataAccess AT_REST =
      new DataAccess() {
        @Override
        public void acquire(Path files) {}

        @Override
        public void release(Path files) {}

        @Override
        public void moveToVolume(Path files, int uid, long storageBytes) {}

        @Override
        public long storedBytes(Path files) {
          return 0;
        }

        @Override
        public boolean runPaused(String appspace, Runnable work) {
          work.run();
          return false;
        }
      };

  /**
   * @param opening opens the data folders after the database was restored or created
   */
  public Recovery(
      StateFolder folder,
      RepositorySettings settings,
      Function<StateDatabase, DataFolders> opening,
      Clock clock) {
    this.folder = folder;
    this.backups = new BackupFolders(folder.backups());
    this.settings = settings;
    this.opening = opening;
    this.clock = clock;
  }

  /**
   * The result of a recovery.
   *
   * @param server when the backup of the server's own state was taken; empty if there is none
   */
  public record Recovered(Optional<Instant> server, List<Data> data) {}

  /**
   * Recovered data of one appspace.
   *
   * @param version app version that wrote the data
   */
  public record Data(
      String appspace,
      String app,
      String owner,
      String version,
      String snapshot,
      Instant takenAt,
      long files,
      long bytes) {}

  /**
   * @throws StateException when the folder is not empty, or in use
   * @throws BackupException when the repository cannot be read
   */
  public Recovered run(ProgressListener progressListener) {
    try (StateFolder.Lock _ = folder.lock();
        BackupEngine source =
            new BackupEngine(backups, new ResticRepository(settings), AT_REST, clock)) {
      requireEmpty();
      backups.prepare();
      // Must not create a repository, because the location may be mistyped.
      source.repository().open(false);
      AtomicFiles.write(folder.unfinishedRecovery(), new byte[0]);
      Recovered recovered = fill(source, progressListener);
      storePassword();
      AtomicFiles.syncFileSystem(folder.root());
      Files.delete(folder.unfinishedRecovery());
      AtomicFiles.syncFolder(folder.root());
      return recovered;
    } catch (IOException e) {
      throw new StateException("nothing can be recovered into " + folder.root() + ": " + e, e);
    }
  }

  /**
   * Requires an empty state folder. A folder that contains only backups counts as empty, because
   * its other contents may be the ones that were lost.
   */
  private void requireEmpty() throws IOException {
    if (Files.exists(folder.unfinishedRecovery())) {
      clear();
    }
    Optional<Path> content = folder.content();
    if (content.isPresent()) {
      throw new StateException(
          "the state folder %s is not empty: it holds %s; name an empty folder with --state, because existing files are never overwritten"
              .formatted(folder.root(), folder.root().relativize(content.get())));
    }
  }

  /** Deletes the remains of an interrupted recovery: top-level files and data. */
  private void clear() throws IOException {
    AtomicFiles.deleteTree(folder.data());
    folder.create();
    try (Stream<Path> top = Files.list(folder.root())) {
      for (Path file : top.filter(Files::isRegularFile).toList()) {
        boolean ours = file.equals(folder.unfinishedRecovery()) || file.equals(folder.lockFile());
        if (!ours) {
          Files.delete(file);
        }
      }
    }
  }

  private Recovered fill(BackupEngine source, ProgressListener progressListener)
      throws IOException {
    List<ResticSnapshot> all = source.list();
    if (all.isEmpty()) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          "the repository " + settings.repository() + " holds no backup");
    }
    RecoverySnapshots.requirePlausible(all, clock.instant());
    Optional<ResticSnapshot> own =
        all.stream()
            .filter(resticSnapshot -> resticSnapshot.tags().contains(BackupEngine.SERVER_TAG))
            .findFirst();
    if (own.isPresent()) {
      serverFiles(source, own.get(), progressListener);
    }
    List<Data> recovered = new ArrayList<>();
    try (StateDatabase database = StateDatabase.open(folder.database(), clock)) {
      DataFolders data = opening.apply(database);
      DeletionStore deletions = new DeletionStore(database, clock);
      // Jobs whose time passed since the backup are not run: their effects may already exist.
      JobStore.forgetDueTimes(database);
      for (ResticSnapshot resticSnapshot : RecoverySnapshots.newest(all)) {
        recovered.add(data(source, data, resticSnapshot, progressListener));
        // The data exists again, so a deletion after this backup no longer applies.
        deletions.forgetLastBackup(resticSnapshot.id());
      }
    }
    return new Recovered(own.map(ResticSnapshot::time), recovered);
  }

  private void serverFiles(
      BackupEngine source, ResticSnapshot resticSnapshot, ProgressListener progressListener)
      throws IOException {
    Path restored = backups.scratch().resolve("server");
    source.restore(resticSnapshot, List.of(), restored, progressListener);
    try (Stream<Path> files = Files.list(restored)) {
      for (Path file : files.toList()) {
        Files.move(file, folder.root().resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  private Data data(
      BackupEngine source,
      DataFolders data,
      ResticSnapshot resticSnapshot,
      ProgressListener progressListener) {
    IncomingData incomingData = data.createIncoming();
    BackupManifest backupManifest =
        source.restore(resticSnapshot, List.of(), incomingData.files(), progressListener);
    data.prepareIncoming(incomingData);
    boolean live =
        data.live(backupManifest.appspace())
            .filter(folder -> belongsTo(folder, backupManifest))
            .isPresent();
    data.replace(
        incomingData,
        backupManifest.appspace(),
        backupManifest.app(),
        backupManifest.owner(),
        backupManifest.writer(),
        live);
    return new Data(
        backupManifest.appspace(),
        backupManifest.app(),
        backupManifest.owner(),
        backupManifest.version(),
        resticSnapshot.shortId(),
        backupManifest.takenAt(),
        backupManifest.files(),
        backupManifest.bytes());
  }

  private static boolean belongsTo(DataFolder folder, BackupManifest backupManifest) {
    return folder.app().equals(backupManifest.app())
        && folder.owner().equals(backupManifest.owner());
  }

  /**
   * Stores the repository's password in the state folder, for a server whose repository is or will
   * be there.
   */
  private void storePassword() throws IOException {
    if (!Files.exists(backups.password())) {
      AtomicFiles.write(backups.password(), Files.readAllBytes(settings.passwordFile()));
    }
  }
}
