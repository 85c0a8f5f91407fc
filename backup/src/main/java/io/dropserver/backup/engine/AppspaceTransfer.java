package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.copy.CopyLimits;
import io.dropserver.backup.copy.CopyResult;
import io.dropserver.backup.copy.SkippedFile;
import io.dropserver.backup.copy.TreeCopy;
import io.dropserver.backup.process.ProgramRunner;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.state.condition.BackupReason;
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
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPOutputStream;

/**
 * Exports and imports an appspace as one file: a tar, or tar.gz if its name ends that way, with
 * {@code dropserver.json} and {@code data/}. Any tar program can unpack it. Thread-safe.
 */
public final class AppspaceTransfer implements AutoCloseable {
  private static final long RESERVED_BYTES = 64L << 20;

  private final BackupFolders folders;
  private final BackupEngine backupEngine;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  public AppspaceTransfer(BackupFolders folders, BackupEngine backupEngine) {
    this.folders = folders;
    this.backupEngine = backupEngine;
  }

  /**
   * The result of an import.
   *
   * @param manifest empty for a plain folder
   */
  public record ImportResult(Optional<BackupManifest> manifest, CopyResult copied) {}

  /**
   * Writes a snapshot to a file that only the server's user can read, completely or not at all.
   *
   * @param file must not exist
   */
  public void export(ResticSnapshot resticSnapshot, Path file) {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED, file + " already exists; choose a new path");
    }
    Path draft = file.resolveSibling(file.getFileName() + ".new");
    try {
      Files.deleteIfExists(draft);
      Files.createFile(
          draft,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      if (file.toString().endsWith("gz")) {
        compress(resticSnapshot, draft);
      } else {
        backupEngine.repository().archive(resticSnapshot.id(), draft);
      }
      Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + file, e);
    } finally {
      BackupFolders.delete(draft);
    }
  }

  private void compress(ResticSnapshot resticSnapshot, Path draft) throws IOException {
    Path tar = folders.scratch().resolve("export-" + UUID.randomUUID());
    try {
      backupEngine.repository().archive(resticSnapshot.id(), tar);
      try (OutputStream out =
          new GZIPOutputStream(Files.newOutputStream(draft, StandardOpenOption.WRITE))) {
        Files.copy(tar, out);
      }
    } finally {
      BackupFolders.delete(tar);
    }
  }

  /**
   * Copies an exported file or a plain folder into a new folder. Symlinks are copied as symlinks;
   * FIFOs, sockets and devices are skipped.
   *
   * @param from an exported file, or a folder
   * @param storageBytes the storage limit of the appspace
   */
  public ImportResult importFrom(Path from, Path target, long storageBytes) {
    if (Files.isDirectory(from)) {
      Path manifest = from.resolve(BackupManifest.FILE);
      boolean exported = Files.isRegularFile(manifest) && Files.isDirectory(from.resolve("data"));
      return exported
          ? importArchive(from, target, storageBytes)
          : new ImportResult(Optional.empty(), copy(from, target, storageBytes));
    }
    Path unpacked = folders.scratch().resolve("import-" + UUID.randomUUID());
    try {
      Files.createDirectories(unpacked);
      unpack(from, unpacked);
      return importArchive(unpacked, target, storageBytes);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot unpack " + from, e);
    } finally {
      BackupFolders.delete(unpacked);
    }
  }

  private ImportResult importArchive(Path from, Path target, long storageBytes) {
    Path manifest = from.resolve(BackupManifest.FILE);
    Path data = from.resolve("data");
    if (!Files.isRegularFile(manifest, LinkOption.NOFOLLOW_LINKS)
        || !Files.isDirectory(data, LinkOption.NOFOLLOW_LINKS)) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "it has no %s and data/ at its top level, so it is not an exported appspace; to import other data, import it as a plain folder"
              .formatted(BackupManifest.FILE));
    }
    try {
      return new ImportResult(
          Optional.of(BackupManifest.parse(Files.readString(manifest))),
          copy(data, target, storageBytes));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + manifest, e);
    }
  }

  /**
   * Copies a data folder without FIFOs, sockets and devices.
   *
   * @param target will be created
   * @throws BackupException if any other entry cannot be copied
   */
  public static void copyAll(Path from, Path target) {
    CopyResult copied = copy(from, target, Long.MAX_VALUE / 8);
    boolean whole =
        copied.skipped().size() == copied.skippedCount()
            && copied.skipped().stream().allMatch(SkippedFile::isNoData);
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
      throw new UncheckedIOException("cannot create " + target, e);
    }
    CopyLimits bounds =
        new CopyLimits(
            4 * storageBytes, RESERVED_BYTES, Thread.currentThread()::isInterrupted, bytes -> {});
    return TreeCopy.sync(from, target, Instant.MAX.minusSeconds(1), bounds);
  }

  /**
   * Unpacks an exported file. GNU tar does not write outside the folder: it rejects names that
   * point outside and creates symlinks last.
   */
  private void unpack(Path file, Path folder) {
    Path tar =
        Program.find("tar")
            .orElseThrow(
                () ->
                    new BackupException(
                        BackupReason.BACKUP_FAILED, "tar is missing: apt-get install tar"));
    ProgramEnd end =
        ProgramRunner.run(
            ProgramRunner.program(
                    List.of(
                        tar.toString(),
                        "--extract",
                        "--file",
                        file.toString(),
                        "--no-same-owner",
                        "--delay-directory-restore"),
                    Map.of(),
                    folder)
                .until(closed));
    if (end.status() != 0) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "%s cannot be unpacked: %s".formatted(file, end.errors().strip()));
    }
  }

  /** Aborts a running import. */
  @Override
  public void close() {
    closed.complete(null);
  }
}
