package io.dropserver.state;

import io.dropserver.base.linux.FileSystemSync;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/**
 * Writes the server's own files atomically: after a crash, a file has either its old or its new
 * content.
 */
public final class AtomicFiles {
  private static final String TEMPORARY = ".new";

  private AtomicFiles() {}

  /**
   * Writes a temporary file, syncs it, renames it and syncs the folder. Only the server's user can
   * read the file.
   */
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = writeTemporary(file, content, true);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncFolder(folderOf(file));
  }

  /**
   * Writes many files of one file system like {@link #write}, with one {@code syncfs(2)} instead of
   * one fsync per file, so that a thousand files take as long as a few. All files are on disk when
   * the call returns. Until then, each is complete or absent.
   */
  public static void writeAll(Map<Path, byte[]> files) throws IOException {
    if (files.size() < 4 || !FileSystemSync.available()) {
      for (Map.Entry<Path, byte[]> file : files.entrySet()) {
        write(file.getKey(), file.getValue());
      }
      return;
    }
    Path any = files.keySet().iterator().next();
    for (Map.Entry<Path, byte[]> file : files.entrySet()) {
      writeTemporary(file.getKey(), file.getValue(), false);
    }
    FileSystemSync.sync(folderOf(any));
    for (Path file : files.keySet()) {
      Files.move(temporaryOf(file), file, StandardCopyOption.ATOMIC_MOVE);
    }
    FileSystemSync.sync(folderOf(any));
  }

  /**
   * Blocks until everything written to the folder's file system so far is on disk. One call makes a
   * thousand files durable.
   */
  public static void syncFileSystem(Path folder) throws IOException {
    if (!FileSystemSync.available()) {
      throw new IOException("the C library has no syncfs(2), which makes " + folder + " durable");
    }
    FileSystemSync.sync(folder);
  }

  /** Makes the renames and creations in a folder durable. */
  public static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /**
   * Deletes a folder and its content. Symlinks are not followed. It is not an error if the folder
   * is absent, or if another process, such as one that is exiting, removes files at the same time.
   */
  public static void deleteTree(Path folder) throws IOException {
    deleteTree(folder, () -> {});
  }

  /**
   * Deletes a folder that may contain a very large number of files.
   *
   * @param eachFile called before each file; an exception from it aborts the deletion
   */
  public static void deleteTree(Path folder, Runnable eachFile) throws IOException {
    Files.walkFileTree(folder, new Deleting(eachFile));
  }

  private static Path writeTemporary(Path file, byte[] content, boolean sync) throws IOException {
    Path temporary = temporaryOf(file);
    // A crash may have left a temporary file with any mode. Delete it first.
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      Channels.newOutputStream(channel).write(content);
      if (sync) {
        channel.force(true);
      }
    }
    return temporary;
  }

  private static Path temporaryOf(Path file) {
    return file.resolveSibling(file.getFileName() + TEMPORARY);
  }

  private static Path folderOf(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException("not a file inside a folder: " + file);
    }
    return folder;
  }

  private static final class Deleting extends SimpleFileVisitor<Path> {
    private final Runnable eachFile;

    Deleting(Runnable eachFile) {
      this.eachFile = eachFile;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      eachFile.run();
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
      if (failure instanceof NoSuchFileException) {
        return FileVisitResult.CONTINUE;
      }
      throw failure;
    }

    @Override
    public FileVisitResult postVisitDirectory(
        Path folder, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
      if (failure != null && !(failure instanceof NoSuchFileException)) {
        throw failure;
      }
      Files.deleteIfExists(folder);
      return FileVisitResult.CONTINUE;
    }
  }
}
