package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.Progress.Step;
import io.dropserver.backup.engine.Manifest.Digest;
import io.dropserver.backup.restic.BegunBackup;
import io.dropserver.backup.restic.Repository;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.state.DiskSpace;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Creates, restores, verifies and expires backups. Two runs for the same data folder never overlap.
 * Every method throws {@link BackupException} with a remedy, and with the reason {@code
 * INTERRUPTED} if its thread is interrupted. Thread-safe.
 */
public final class Backups implements AutoCloseable {
  /** The tag of backups of the server's own state. */
  public static final String SERVER = "server";

  private final BackupFolders folders;
  private final Repository repository;
  private final DataAccess access;
  private final Clock clock;
  private final Mirrors mirrors;
  private final Retention retention;
  private final Verification verification;
  private final Object opening = new Object();
  private volatile boolean open;

  public Backups(BackupFolders folders, Repository repository, DataAccess access, Clock clock) {
    this.folders = folders;
    this.repository = repository;
    this.access = access;
    this.clock = clock;
    this.mirrors = new Mirrors(folders);
    this.retention = new Retention(repository);
    this.verification = new Verification(folders, repository);
  }

  public Repository repository() {
    return repository;
  }

  /** Creates a backup. Blocks until it is in the repository. */
  public BackupReport now(Subject subject, Progress progress) {
    return now(subject, access, progress);
  }

  /**
   * Backs up data that belongs to no appspace, so that nothing needs to be stopped.
   *
   * @param still whether the data is still unassigned; if not, nothing is stored
   */
  public BackupReport atRest(Subject subject, BooleanSupplier still, Progress progress) {
    return now(subject, new AtRest(access, still), progress);
  }

  private BackupReport now(Subject subject, DataAccess access, Progress progress) {
    ReentrantLock lock = mirrors.lock(subject.dataId());
    locked(lock);
    try {
      long begun = System.nanoTime();
      open();
      Mirror mirror = new Mirror(folders.mirror(subject.dataId()), access, clock);
      mirror.prepare(subject);
      try (BegunBackup restic =
          repository.begin(mirror.tree(), mirror.gate(), subject.tags(), progress)) {
        Mirror.Taken taken = mirror.take(subject, progress);
        Manifest manifest = manifest(subject, taken, mirror.data());
        return store(mirror, manifest, restic, taken.copied().copiedBytes(), begun, progress);
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up " + subject.appspace() + ": " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private BackupReport store(
      Mirror mirror,
      Manifest manifest,
      BegunBackup restic,
      long copiedBytes,
      long begun,
      Progress progress)
      throws IOException {
    mirror.describe(manifest);
    progress.at(new Step("storing", 0, 0, 0));
    String snapshot = restic.store();
    return new BackupReport(
        manifest.appspace(),
        snapshot,
        manifest.takenAt(),
        manifest.files(),
        manifest.bytes(),
        copiedBytes,
        manifest.frozenMillis(),
        (System.nanoTime() - begun) / 1_000_000,
        manifest.skippedCount(),
        manifest.skipped());
  }

  /** Backs up the server's own state. */
  public BackupReport server(ServerFiles files, Progress progress) {
    ReentrantLock lock = mirrors.lock(SERVER);
    locked(lock);
    try {
      long begun = System.nanoTime();
      open();
      Mirror mirror = new Mirror(folders.mirror(SERVER), access, clock);
      AtomicFiles.deleteTree(mirror.folder());
      Files.createDirectories(mirror.data());
      Instant now = clock.instant();
      files.copyTo(mirror.data());
      Manifest manifest = Manifest.ofServer(mirror.data(), now);
      try (BegunBackup restic =
          repository.begin(mirror.tree(), mirror.gate(), List.of(SERVER), progress)) {
        return store(mirror, manifest, restic, 0, begun, progress);
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up the server's own state: " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private static void locked(ReentrantLock lock) {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(BackupReason.INTERRUPTED, "stopped before it began", e);
    }
  }

  private static Manifest manifest(Subject subject, Mirror.Taken taken, Path data)
      throws IOException {
    Subject.Declaration declared = subject.declared();
    List<Digest> sample = new ArrayList<>();
    for (String path : taken.copied().sample()) {
      sample.add(new Digest(path, Digests.of(data.resolve(path))));
    }
    return new Manifest(
        Manifest.FORMAT,
        subject.appspace(),
        declared.app(),
        declared.version(),
        declared.content(),
        declared.source(),
        declared.owner(),
        declared.users(),
        declared.revision(),
        taken.takenAt(),
        taken.frozen().toMillis(),
        taken.copied().files(),
        taken.copied().bytes(),
        taken.copied().skippedCount(),
        taken.copied().skipped(),
        sample);
  }

  /** Returns all snapshots, newest first, including those of the server's state. */
  public List<Snapshot> list() {
    open();
    return repository.snapshots();
  }

  /**
   * Finds a snapshot by its full id, by the first digits of the id, or by {@code latest}.
   *
   * @param appspace the appspace to which {@code latest} refers
   */
  public Snapshot find(String named, String appspace) {
    List<Snapshot> found =
        list().stream()
            .filter(
                snapshot ->
                    named.equals("latest")
                        ? snapshot.tag("appspace").equals(Optional.of(appspace))
                        : named.length() >= 4 && snapshot.id().startsWith(named))
            .toList();
    if (found.isEmpty() || (found.size() > 1 && !named.equals("latest"))) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          (found.isEmpty() ? "there is no snapshot " : "more than one snapshot begins with ")
              + named
              + "; `dropserver backup list` shows them");
    }
    return found.getFirst();
  }

  public Manifest manifest(Snapshot snapshot) {
    open();
    return Manifest.parse(repository.read(snapshot.id(), Manifest.FILE));
  }

  /**
   * Restores data into a new folder, completely or not at all.
   *
   * @param paths below the data folder; empty means everything
   */
  public Manifest restore(Snapshot snapshot, List<String> paths, Path target, Progress progress) {
    requireAbsent(target);
    return restoreOver(snapshot, paths, target, progress);
  }

  /** Restores data into a folder that may have content. Restored files replace existing ones. */
  public Manifest restoreOver(
      Snapshot snapshot, List<String> paths, Path target, Progress progress) {
    Manifest manifest = manifest(snapshot);
    requireRoom(paths.isEmpty() ? manifest.bytes() : 0, target);
    try {
      List<String> patterns = paths.stream().map(Repository::pattern).toList();
      repository.restore(snapshot.id(), "data", patterns, target, progress);
      Files.createDirectories(target);
      if (paths.isEmpty()) {
        Verification.compare(manifest, target);
      }
      return manifest;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot restore into " + target, e);
    }
  }

  private static void requireRoom(long bytes, Path target) {
    Path present = target.toAbsolutePath();
    while (!Files.exists(present)) {
      present = Objects.requireNonNull(present.getParent(), "the root exists");
    }
    DiskSpace disk = DiskSpace.of(present);
    if (disk.aboveReserve() < bytes) {
      throw new BackupException(
          BackupReason.DISK_FULL,
          "what is to be restored takes %d MiB, and the disk of %s has %d MiB free, of which %d MiB are to stay so: free some space, then restore again"
              .formatted(bytes >> 20, target, disk.free() >> 20, disk.reserve() >> 20));
    }
  }

  private static void requireAbsent(Path target) {
    if (Files.exists(target)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, target + " exists already; name a folder that does not");
    }
  }

  /**
   * Restores the sample of a snapshot and compares it with the digests from the time of the backup.
   *
   * @return the number of files compared
   */
  public int verify(Snapshot snapshot, Progress progress) {
    return verification.sample(snapshot.id(), manifest(snapshot), progress);
  }

  /**
   * Reads back all data of a snapshot.
   *
   * @param snapshot its id
   * @throws BackupException with the reason {@code NOT_VERIFIED} if it is damaged, or {@code
   *     NO_SUCH_SNAPSHOT} if it does not exist
   */
  public void prove(String snapshot, Progress progress) {
    open();
    verification.whole(snapshot, progress);
  }

  /**
   * Removes snapshots that the policy does not keep. The following always stay, because they are
   * needed for a rollback: snapshots in {@code sacred}, the newest snapshot, and the newest
   * snapshot of the previous version and of each of {@code versions}.
   *
   * @return the number of removed snapshots
   */
  public int expire(
      String appspace,
      String app,
      String owner,
      Keep keep,
      Set<String> sacred,
      Set<String> versions) {
    open();
    return retention.expire(Subject.group(appspace, app, owner), keep, sacred, versions);
  }

  /** Applies a policy to the backups of the server's own state. */
  public int expireServer(Keep keep, Set<String> sacred) {
    open();
    return retention.expire(List.of(SERVER), keep, sacred, Set.of());
  }

  /** Removes the mirrors of all data except these. */
  public void sweepMirrors(Set<String> dataIds) {
    mirrors.keepOnly(dataIds);
  }

  /** Removes the mirror of deleted data. */
  public void removeMirror(String dataId) {
    mirrors.remove(dataId);
  }

  /** Creates the repository on first use. Fails if a repository that existed before is missing. */
  public void open() {
    synchronized (opening) {
      if (open) {
        return;
      }
      try {
        String where = repository.settings().repository();
        boolean madeBefore =
            Files.exists(folders.madeAt()) && Files.readString(folders.madeAt()).equals(where);
        repository.open(!madeBefore);
        if (!madeBefore) {
          AtomicFiles.write(folders.madeAt(), where.getBytes(StandardCharsets.UTF_8));
        }
        open = true;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot note where the repository is", e);
      }
    }
  }

  @Override
  public void close() {
    repository.close();
  }
}
