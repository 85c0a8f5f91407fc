package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.ProgressListener.ProgressStep;
import io.dropserver.backup.engine.BackupManifest.Digest;
import io.dropserver.backup.restic.PendingBackup;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
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
 * Creates, restores, verifies and expires backups. At most one backup of a data folder runs at a
 * time; other callers wait. The message of a {@link BackupException} contains the remedy. Its
 * reason is {@code INTERRUPTED} if the calling thread is interrupted. Thread-safe.
 */
public final class BackupEngine implements AutoCloseable {
  /** The tag of backups of the server's own state. */
  public static final String SERVER_TAG = "server";

  private final BackupFolders folders;
  private final ResticRepository resticRepository;
  private final DataAccess access;
  private final Clock clock;
  private final Mirrors mirrors;
  private final Retention retention;
  private final BackupVerifier backupVerifier;
  private final Object openLock = new Object();
  private volatile boolean open;

  public BackupEngine(
      BackupFolders folders, ResticRepository resticRepository, DataAccess access, Clock clock) {
    this.folders = folders;
    this.resticRepository = resticRepository;
    this.access = access;
    this.clock = clock;
    this.mirrors = new Mirrors(folders);
    this.retention = new Retention(resticRepository);
    this.backupVerifier = new BackupVerifier(folders, resticRepository);
  }

  public ResticRepository repository() {
    return resticRepository;
  }

  /** Creates a backup. Blocks until it is in the repository. */
  public BackupReport backUp(BackupSource backupSource, ProgressListener progressListener) {
    return backUp(backupSource, access, progressListener);
  }

  /**
   * Backs up data that is assigned to no appspace. No app is paused for it.
   *
   * @param still returns whether the data is still unassigned after the copy; if not, nothing is
   *     stored
   */
  public BackupReport backUpUnassigned(
      BackupSource backupSource, BooleanSupplier still, ProgressListener progressListener) {
    return backUp(backupSource, new UnassignedDataAccess(access, still), progressListener);
  }

  private BackupReport backUp(
      BackupSource backupSource, DataAccess access, ProgressListener progressListener) {
    ReentrantLock lock = mirrors.lock(backupSource.dataId());
    acquire(lock);
    try {
      long startNanos = System.nanoTime();
      open();
      Mirror mirror = new Mirror(folders.mirror(backupSource.dataId()), access, clock);
      mirror.prepare(backupSource);
      try (PendingBackup restic =
          resticRepository.begin(
              mirror.tree(), mirror.gate(), backupSource.tags(), progressListener)) {
        Mirror.MirrorResult mirrorResult = mirror.capture(backupSource, progressListener);
        BackupManifest backupManifest = manifest(backupSource, mirrorResult, mirror.data());
        return store(
            mirror,
            backupManifest,
            restic,
            mirrorResult.copied().copiedBytes(),
            startNanos,
            progressListener);
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up " + backupSource.appspace() + ": " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private BackupReport store(
      Mirror mirror,
      BackupManifest backupManifest,
      PendingBackup restic,
      long copiedBytes,
      long startNanos,
      ProgressListener progressListener)
      throws IOException {
    mirror.writeManifest(backupManifest);
    progressListener.report(new ProgressStep("storing", 0, 0, 0));
    String snapshot = restic.store();
    return new BackupReport(
        backupManifest.appspace(),
        snapshot,
        backupManifest.takenAt(),
        backupManifest.files(),
        backupManifest.bytes(),
        copiedBytes,
        backupManifest.frozenMillis(),
        (System.nanoTime() - startNanos) / 1_000_000,
        backupManifest.skippedCount(),
        backupManifest.skipped());
  }

  /** Backs up the server's own state. */
  public BackupReport backUpServer(ServerFiles files, ProgressListener progressListener) {
    ReentrantLock lock = mirrors.lock(SERVER_TAG);
    acquire(lock);
    try {
      long startNanos = System.nanoTime();
      open();
      Mirror mirror = new Mirror(folders.mirror(SERVER_TAG), access, clock);
      AtomicFiles.deleteTree(mirror.folder());
      Files.createDirectories(mirror.data());
      Instant now = clock.instant();
      files.copyTo(mirror.data());
      BackupManifest backupManifest = BackupManifest.ofServer(mirror.data(), now);
      try (PendingBackup restic =
          resticRepository.begin(
              mirror.tree(), mirror.gate(), List.of(SERVER_TAG), progressListener)) {
        return store(mirror, backupManifest, restic, 0, startNanos, progressListener);
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, "cannot back up the server's own state: " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private static void acquire(ReentrantLock lock) {
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(
          BackupReason.INTERRUPTED, "the backup was stopped before it began", e);
    }
  }

  private static BackupManifest manifest(
      BackupSource backupSource, Mirror.MirrorResult mirrorResult, Path data) throws IOException {
    BackupSource.AppspaceDeclaration declared = backupSource.declared();
    List<Digest> sample = new ArrayList<>();
    for (String path : mirrorResult.copied().sample()) {
      sample.add(new Digest(path, Digests.of(data.resolve(path))));
    }
    return new BackupManifest(
        BackupManifest.FORMAT,
        backupSource.appspace(),
        declared.app(),
        declared.version(),
        declared.content(),
        declared.source(),
        declared.owner(),
        declared.users(),
        declared.revision(),
        mirrorResult.takenAt(),
        mirrorResult.pauseDuration().toMillis(),
        mirrorResult.copied().files(),
        mirrorResult.copied().bytes(),
        mirrorResult.copied().skippedCount(),
        mirrorResult.copied().skipped(),
        sample);
  }

  /** Returns all snapshots, newest first, including those of the server's state. */
  public List<ResticSnapshot> list() {
    open();
    return resticRepository.snapshots();
  }

  /**
   * Finds a snapshot by at least the first four digits of its id, or the newest one of an appspace
   * by {@code latest}.
   *
   * @param appspace the appspace to which {@code latest} refers
   */
  public ResticSnapshot find(String named, String appspace) {
    List<ResticSnapshot> found =
        list().stream()
            .filter(
                resticSnapshot ->
                    named.equals("latest")
                        ? resticSnapshot.tag("appspace").equals(Optional.of(appspace))
                        : named.length() >= 4 && resticSnapshot.id().startsWith(named))
            .toList();
    if (found.isEmpty() || (found.size() > 1 && !named.equals("latest"))) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          (found.isEmpty() ? "there is no snapshot " : "more than one snapshot begins with ")
              + named
              + "; `dropserver backup list` lists them");
    }
    return found.getFirst();
  }

  public BackupManifest manifest(ResticSnapshot resticSnapshot) {
    open();
    return BackupManifest.parse(resticRepository.read(resticSnapshot.id(), BackupManifest.FILE));
  }

  /**
   * Restores data into a new folder. After a failure, the folder may contain a part of the data.
   *
   * @param paths below the data folder; empty means everything
   */
  public BackupManifest restore(
      ResticSnapshot resticSnapshot,
      List<String> paths,
      Path target,
      ProgressListener progressListener) {
    requireAbsent(target);
    return restoreOver(resticSnapshot, paths, target, progressListener);
  }

  /** Restores data into a folder that may have content. Restored files replace existing ones. */
  public BackupManifest restoreOver(
      ResticSnapshot resticSnapshot,
      List<String> paths,
      Path target,
      ProgressListener progressListener) {
    BackupManifest backupManifest = manifest(resticSnapshot);
    requireRoom(paths.isEmpty() ? backupManifest.bytes() : 0, target);
    try {
      List<String> patterns = paths.stream().map(ResticRepository::pattern).toList();
      resticRepository.restore(resticSnapshot.id(), "data", patterns, target, progressListener);
      Files.createDirectories(target);
      if (paths.isEmpty()) {
        BackupVerifier.compare(backupManifest, target);
      }
      return backupManifest;
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
          "the data to restore takes %d MiB, and the disk of %s has %d MiB free, of which %d MiB must remain free: free some space, then restore again"
              .formatted(bytes >> 20, target, disk.free() >> 20, disk.reserve() >> 20));
    }
  }

  private static void requireAbsent(Path target) {
    if (Files.exists(target)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, target + " already exists; choose a new folder");
    }
  }

  /**
   * Restores the files that the manifest samples and compares them with the digests that the backup
   * recorded.
   *
   * @return the number of files compared
   */
  public int verify(ResticSnapshot resticSnapshot, ProgressListener progressListener) {
    return backupVerifier.verifySample(
        resticSnapshot.id(), manifest(resticSnapshot), progressListener);
  }

  /**
   * Lets restic read all data of a snapshot and check its digests, then verifies the sampled files.
   *
   * @param snapshot its id
   * @throws BackupException with the reason {@code NOT_VERIFIED} if it is damaged, or {@code
   *     NO_SUCH_SNAPSHOT} if it does not exist
   */
  public void verifyAll(String snapshot, ProgressListener progressListener) {
    open();
    backupVerifier.verifyAll(snapshot, progressListener);
  }

  /**
   * Removes snapshots that the policy does not keep. Always keeps the snapshots in {@code sacred},
   * the newest snapshot, and, for a rollback, the newest snapshot of the previous app version and
   * of each version in {@code versions}.
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
    return retention.expire(BackupSource.group(appspace, app, owner), keep, sacred, versions);
  }

  /** Applies a policy to the backups of the server's own state. */
  public int expireServer(Keep keep, Set<String> sacred) {
    open();
    return retention.expire(List.of(SERVER_TAG), keep, sacred, Set.of());
  }

  /**
   * Removes the mirrors of all other data. Mirrors in use and the mirror of the server's state
   * stay.
   */
  public void keepOnlyMirrors(Set<String> dataIds) {
    mirrors.keepOnly(dataIds);
  }

  /** Removes the mirror of deleted data, unless a backup uses it. */
  public void removeMirror(String dataId) {
    mirrors.remove(dataId);
  }

  /** Creates the repository on first use. Fails if a repository that existed before is missing. */
  public void open() {
    synchronized (openLock) {
      if (open) {
        return;
      }
      try {
        String where = resticRepository.settings().repository();
        boolean madeBefore =
            Files.exists(folders.repositoryMarker())
                && Files.readString(folders.repositoryMarker()).equals(where);
        resticRepository.open(!madeBefore);
        if (!madeBefore) {
          AtomicFiles.write(folders.repositoryMarker(), where.getBytes(StandardCharsets.UTF_8));
        }
        open = true;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot record the location of the repository", e);
      }
    }
  }

  @Override
  public void close() {
    resticRepository.close();
  }
}
