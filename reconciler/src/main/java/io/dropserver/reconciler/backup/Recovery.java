package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.engine.Manifest;
import io.dropserver.backup.restic.Repository;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.DataFolder;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.state.DataFolders.Incoming;
import io.dropserver.schema.state.StateDatabase;
import io.dropserver.schema.state.StateException;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Fills an empty state folder from a backup repository: first the server's own state, then the
 * newest data of each appspace. At the next start, the config repository decides which appspaces
 * are served; the data of all others is retained. An interrupted recovery starts over, and no
 * server starts on its remains. Used by one thread, while no server uses the folder.
 */
public final class Recovery {
  private final StateFolder folder;
  private final BackupFolders backups;
  private final RepositorySettings settings;
  private final Function<StateDatabase, DataFolders> opening;
  private final Clock clock;

  /** No server is running, so there is nothing to stop or mount. */
  private static final DataAccess AT_REST =
      new DataAccess() {
        @Override
        public void reach(Path files) {}

        @Override
        public void release(Path files) {}

        @Override
        public void settle(Path files, int uid, long storageBytes) {}

        @Override
        public long storedBytes(Path files) {
          return 0;
        }

        @Override
        public boolean still(String appspace, Runnable work) {
          work.run();
          return false;
        }
      };

  /**
   * @param opening opens the data folders once the database exists
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
   * @param server the instant that the backup of the server's own state was taken; empty if there
   *     is none
   */
  public record Recovered(Optional<Instant> server, List<Data> data) {}

  /**
   * Recovered data of one appspace.
   *
   * @param version app version that wrote it
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
  public Recovered run(Progress progress) {
    try (StateFolder.Lock _ = folder.lock();
        Backups source = new Backups(backups, new Repository(settings), AT_REST, clock)) {
      requireEmpty();
      backups.prepare();
      // Do not create a repository at a mistyped location.
      source.repository().open(false);
      AtomicFiles.write(folder.unfinishedRecovery(), new byte[0]);
      Recovered recovered = fill(source, progress);
      keepPassword();
      AtomicFiles.syncFileSystem(folder.root());
      Files.delete(folder.unfinishedRecovery());
      AtomicFiles.syncFolder(folder.root());
      return recovered;
    } catch (IOException e) {
      throw new StateException("nothing can be recovered into " + folder.root() + ": " + e, e);
    }
  }

  /** A folder that contains only backups counts as empty, because the rest may be what was lost. */
  private void requireEmpty() throws IOException {
    if (Files.exists(folder.unfinishedRecovery())) {
      clear();
    }
    for (Path taken : new Path[] {folder.database(), folder.repository(), folder.nextUid()}) {
      if (Files.exists(taken)) {
        throw notEmpty(taken);
      }
    }
    try (Stream<Path> data = Files.list(folder.data())) {
      Optional<Path> first = data.findFirst();
      if (first.isPresent()) {
        throw notEmpty(first.get());
      }
    }
  }

  private StateException notEmpty(Path found) {
    return new StateException(
        "the state folder %s is not empty: it holds %s; name an empty one with --state, since what is there is never overwritten"
            .formatted(folder.root(), folder.root().relativize(found)));
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

  private Recovered fill(Backups source, Progress progress) throws IOException {
    List<Snapshot> all = source.list();
    if (all.isEmpty()) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          "the repository " + settings.repository() + " holds no backup");
    }
    Optional<Snapshot> own =
        all.stream().filter(snapshot -> snapshot.tags().contains(Backups.SERVER)).findFirst();
    if (own.isPresent()) {
      serverFiles(source, own.get(), progress);
    }
    List<Data> recovered = new ArrayList<>();
    try (StateDatabase database = StateDatabase.open(folder.database(), clock)) {
      DataFolders data = opening.apply(database);
      DeletionBook deletions = new DeletionBook(database, clock);
      for (Snapshot snapshot : newest(all)) {
        recovered.add(data(source, data, snapshot, progress));
        // Data that was deleted after this backup exists again.
        deletions.restored(snapshot.id());
      }
    }
    return new Recovered(own.map(Snapshot::time), recovered);
  }

  private void serverFiles(Backups source, Snapshot snapshot, Progress progress)
      throws IOException {
    Path restored = backups.scratch().resolve("server");
    source.restore(snapshot, List.of(), restored, progress);
    try (Stream<Path> files = Files.list(restored)) {
      for (Path file : files.toList()) {
        Files.move(file, folder.root().resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
      }
    }
  }

  /**
   * The newest snapshot of each appspace; a different app or owner with the same name counts
   * separately.
   */
  private static Iterable<Snapshot> newest(List<Snapshot> newestFirst) {
    TreeMap<String, Snapshot> newest = new TreeMap<>();
    for (Snapshot snapshot : newestFirst) {
      snapshot
          .tag("appspace")
          .ifPresent(
              name ->
                  newest.putIfAbsent(
                      "%s %s %s"
                          .formatted(
                              name,
                              snapshot.tag("app").orElse(""),
                              snapshot.tag("owner").orElse("")),
                      snapshot));
    }
    return newest.values();
  }

  private Data data(Backups source, DataFolders data, Snapshot snapshot, Progress progress) {
    Incoming incoming = data.incoming();
    Manifest manifest = source.restore(snapshot, List.of(), incoming.files(), progress);
    data.settle(incoming);
    boolean live =
        data.live(manifest.appspace()).filter(folder -> isOf(folder, manifest)).isPresent();
    data.replace(
        incoming, manifest.appspace(), manifest.app(), manifest.owner(), manifest.writer(), live);
    return new Data(
        manifest.appspace(),
        manifest.app(),
        manifest.owner(),
        manifest.version(),
        snapshot.shortId(),
        manifest.takenAt(),
        manifest.files(),
        manifest.bytes());
  }

  private static boolean isOf(DataFolder folder, Manifest manifest) {
    return folder.app().equals(manifest.app()) && folder.owner().equals(manifest.owner());
  }

  /**
   * Keeps the repository password for a server whose repository is in its state folder, now or
   * later.
   */
  private void keepPassword() throws IOException {
    if (!Files.exists(backups.password())) {
      AtomicFiles.write(backups.password(), Files.readAllBytes(settings.passwordFile()));
    }
  }
}
