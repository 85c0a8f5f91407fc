package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.copy.CopyBounds;
import io.dropserver.backup.copy.CopyResult;
import io.dropserver.backup.copy.Skipped;
import io.dropserver.backup.copy.TreeCopy;
import io.dropserver.backup.process.ChildPrograms;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.schema.state.AtomicFiles;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

/**
 * Exports and imports an appspace as one file: a tar, or tar.gz if its name ends that way, with
 * {@code dropserver.json} and {@code data/}. Any tar program can unpack it. Thread-safe.
 */
public final class Transfers implements AutoCloseable {
  private static final long KEPT_FREE = 64L << 20;

  private final BackupFolders folders;
  private final Backups backups;
  private final ChildPrograms programs = new ChildPrograms();

  public Transfers(BackupFolders folders, Backups backups) {
    this.folders = folders;
    this.backups = backups;
  }

  /**
   * The result of an import.
   *
   * @param manifest empty for a plain folder
   */
  public record Arrived(Optional<Manifest> manifest, CopyResult copied) {}

  /**
   * Writes a snapshot to a file that only the server's user can read, completely or not at all.
   *
   * @param file must not exist
   */
  public void export(Snapshot snapshot, Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, file + " exists already; name one that does not");
    }
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      if (file.toString().endsWith("gz")) {
        compress(snapshot, draft);
      } else {
        backups.repository().archive(snapshot.id(), draft);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    } finally {
      delete(draft);
    }
  }

  private void compress(Snapshot snapshot, Path draft) throws IOException {
    Path tar = folders.scratch().resolve("export-" + UUID.randomUUID());
    try {
      backups.repository().archive(snapshot.id(), tar);
      try (OutputStream out =
          new GZIPOutputStream(Files.newOutputStream(draft, StandardOpenOption.WRITE))) {
        Files.copy(tar, out);
      }
    } finally {
      delete(tar);
    }
  }

  /**
   * Copies an exported file or a plain folder into a new folder. Symlinks are copied as symlinks;
   * FIFOs, sockets and devices are skipped.
   *
   * @param from an exported file, or a folder
   * @param storageBytes the appspace's limit
   */
  public Arrived arrive(Path from, Path target, long storageBytes) {
    if (Files.isDirectory(from)) {
      Path manifest = from.resolve(Manifest.FILE);
      boolean exported = Files.isRegularFile(manifest) && Files.isDirectory(from.resolve("data"));
      return exported ? unpacked(from, target, storageBytes) : plain(from, target, storageBytes);
    }
    Path unpacked = folders.scratch().resolve("import-" + UUID.randomUUID());
    try {
      Files.createDirectories(unpacked);
      unpack(from, unpacked);
      return unpacked(unpacked, target, storageBytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + from, e);
    } finally {
      delete(unpacked);
    }
  }

  private Arrived plain(Path from, Path target, long storageBytes) {
    return new Arrived(Optional.empty(), copy(from, target, storageBytes));
  }

  private Arrived unpacked(Path from, Path target, long storageBytes) {
    Path manifest = from.resolve(Manifest.FILE);
    Path data = from.resolve("data");
    if (!Files.isRegularFile(manifest, LinkOption.NOFOLLOW_LINKS)
        || !Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "it has no %s and data/ at its top, so it is no exported appspace; a plain folder can be imported as it is"
              .formatted(Manifest.FILE));
    }
    try {
      return new Arrived(
          Optional.of(Manifest.parse(Files.readString(manifest))),
          copy(data, target, storageBytes));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + manifest, e);
    }
  }

  /**
   * Copies all data. FIFOs, sockets and devices are not data.
   *
   * @param target will be created
   * @throws BackupException if something cannot be copied
   */
  public static void copyWhole(Path from, Path target) {
    CopyResult copied = copy(from, target, Long.MAX_VALUE / 8);
    boolean whole =
        copied.skipped().size() == copied.skippedCount()
            && copied.skipped().stream().allMatch(Skipped::isNoData);
    if (!whole) {
      throw new BackupException(
          BackupReason.SOURCE_UNREADABLE,
          "%d entries of the data cannot be copied, such as %s (%s)"
              .formatted(
                  copied.skippedCount(),
                  copied.skipped().getLast().path(),
                  copied.skipped().getLast().why()));
    }
  }

  private static CopyResult copy(Path from, Path target, long storageBytes) {
    try {
      Files.createDirectories(target);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make " + target, e);
    }
    CopyBounds bounds =
        new CopyBounds(
            4 * storageBytes, KEPT_FREE, Thread.currentThread()::isInterrupted, bytes -> {});
    return TreeCopy.sync(from, target, Instant.MAX.minusSeconds(1), bounds);
  }

  /**
   * GNU tar stays inside the folder: it rejects names that lead out of it, and creates symlinks
   * last.
   */
  private void unpack(Path file, Path folder) {
    Path tar =
        ChildPrograms.find("tar")
            .orElseThrow(
                () ->
                    new BackupException(
                        BackupReason.BACKUP_FAILED, "tar is missing: apt-get install tar"));
    ChildPrograms.Finished finished =
        programs.run(
            List.of(
                tar.toString(),
                "--extract",
                "--file",
                file.toString(),
                "--no-same-owner",
                "--delay-directory-restore"),
            Map.of(),
            folder,
            line -> {});
    if (finished.status() != 0) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "%s cannot be unpacked: %s".formatted(file, finished.errors().strip()));
    }
  }

  private static void delete(Path path) {
    try {
      AtomicFiles.deleteTree(path);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + path, e);
    }
  }

  @Override
  public void close() {
    programs.close();
  }
}
