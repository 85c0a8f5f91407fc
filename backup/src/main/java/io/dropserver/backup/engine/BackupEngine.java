package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import io.dropserver.state.DiskSpace;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Creates, restores, verifies and expires backups. At most one backup of a data folder runs at a
 * time; other callers wait. The message of a {@link BackupException} contains the remedy. Its
 * reason is {@code INTERRUPTED} if the calling thread is interrupted. Thread-safe.
 */
public final class BackupEngine implements AutoCloseable {
  /** The tag of backups of the server's own state. */
  public static final String SERVER_TAG = "server";

  private final ResticRepository resticRepository;
  private final DataAccess access;
  private final Clock clock;
  private final Mirrors mirrors;
  private final RepositoryOpener repositoryOpener;
  private final BackupWriter backupWriter;
  private final Retention retention;
  private final BackupVerifier backupVerifier;
  private final BackupEraser backupEraser;

  public BackupEngine(
      BackupFolders folders, ResticRepository resticRepository, DataAccess access, Clock clock) {
    this.resticRepository = resticRepository;
    this.access = access;
    this.clock = clock;
    this.mirrors = new Mirrors(folders);
    this.repositoryOpener = new RepositoryOpener(folders, resticRepository);
    this.backupWriter =
        new BackupWriter(folders, resticRepository, access, clock, mirrors, repositoryOpener);
    this.retention = new Retention(resticRepository, clock);
    this.backupVerifier = new BackupVerifier(folders, resticRepository);
    this.backupEraser = new BackupEraser(resticRepository, mirrors);
  }

  public ResticRepository repository() {
    return resticRepository;
  }

  /** Creates a backup. Blocks until it is in the repository. */
  public BackupReport backUp(BackupSource backupSource, ProgressListener progressListener) {
    return backupWriter.backUp(backupSource, access::runPaused, progressListener);
  }

  /**
   * Backs up data that is assigned to no appspace. No app is paused for it.
   *
   * @param still returns whether the data is still unassigned after the copy; if not, nothing is
   *     stored
   */
  public BackupReport backUpUnassigned(
      BackupSource backupSource, BooleanSupplier still, ProgressListener progressListener) {
    return backupWriter.backUp(
        backupSource,
        (appspace, work) -> {
          // A running appspace of the same name uses other data, so that no process is paused.
          work.run();
          if (!still.getAsBoolean()) {
            throw new BackupException(
                BackupReason.INTERRUPTED,
                appspace + " was declared again while its data was copied");
          }
          return false;
        },
        progressListener);
  }

  /** Backs up the server's own state. */
  public BackupReport backUpServer(ServerFiles files, ProgressListener progressListener) {
    return backupWriter.backUpServer(files, progressListener);
  }

  /**
   * Returns all snapshots, newest first, including those of the server's state. Snapshots of a
   * later date than today come last: the date of the machine was wrong when they were made, so that
   * they are not the newest.
   */
  public List<ResticSnapshot> list() {
    open();
    return resticRepository.snapshots().stream()
        .sorted(ResticSnapshot.newestFirst(clock.instant()))
        .toList();
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
    if (Files.exists(target)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, target + " already exists; choose a new folder");
    }
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

  /**
   * Restores the entries and ranges that the manifest samples and compares them with the digests
   * that the backup recorded.
   */
  public Verification verify(ResticSnapshot resticSnapshot, ProgressListener progressListener) {
    return backupVerifier.verifySample(
        resticSnapshot.id(), manifest(resticSnapshot), progressListener);
  }

  /**
   * Lets restic read all data of a snapshot and check its digests, then verifies the sample.
   *
   * @param snapshot its id
   * @throws BackupException with the reason {@code NOT_VERIFIED} if it is damaged, or {@code
   *     NO_SUCH_SNAPSHOT} if it does not exist
   */
  public Verification verifyAll(String snapshot, ProgressListener progressListener) {
    open();
    return backupVerifier.verifyAll(snapshot, progressListener);
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

  /**
   * Removes snapshots and the mirrors of their data, then all data that no snapshot uses from the
   * repository, also if no snapshot was chosen. Data that another snapshot contains stays.
   *
   * @param dataIds further data whose mirrors are removed; waits for running backups of it
   * @return the removed snapshots
   * @throws BackupException if the repository still contains some of the snapshots or of the data
   */
  public List<ResticSnapshot> erase(Set<String> dataIds, Predicate<ResticSnapshot> chosen) {
    open();
    return backupEraser.erase(dataIds, chosen);
  }

  /** Removes the mirror of deleted data, unless a backup uses it. */
  public void removeMirror(String dataId) {
    mirrors.remove(dataId);
  }

  /** Creates the repository on first use. Fails if a repository that existed before is missing. */
  public void open() {
    repositoryOpener.open();
  }

  @Override
  public void close() {
    resticRepository.close();
  }
}
