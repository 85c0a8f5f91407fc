package io.dropserver.schema.state;

import io.dropserver.schema.linux.FileSystemSync;
import java.io.IOException;
import java.nio.ByteBuffer;
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
 * The one way to write a file of the server's own: after a crash at any instant it is either the
 * old one or the new one, whole.
 */
public final class AtomicFiles {
  private static final String TEMPORARY = ".new";

  private AtomicFiles() {}

  /** Writes temporary, fsync, rename, fsync of the folder. Readable by the server's user only. */
  public static void write(Path file, byte[] content) throws IOException {
    Path temporary = writeTemporary(file, content, true);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    syncFolder(folderOf(file));
  }

  /**
   * The same for many files of one file system, with one {@code syncfs(2)} in place of one fsync a
   * file: a thousand files cost as much as a few. All are on disk when it returns; each is whole or
   * absent at any instant before.
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
   * Returns when all that was written to the folder's file system so far is on the disk: a thousand
   * files are made durable by one call.
   */
  public static void syncFileSystem(Path folder) throws IOException {
    if (!FileSystemSync.available()) {
      throw new IOException("this C library has no syncfs(2), which makes " + folder + " durable");
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
   * Deletes a folder with all it holds. Follows no symlink; absent is fine, and so is what somebody
   * else removes meanwhile, such as a process that ends.
   */
  public static void deleteTree(Path folder) throws IOException {
    deleteTree(folder, () -> {});
  }

  /**
   * The same of what may hold very many files.
   *
   * @param eachFile told before each; what it throws ends the deletion
   */
  public static void deleteTree(Path folder, Runnable eachFile) throws IOException {
    Files.walkFileTree(folder, new Deleting(eachFile));
  }

  private static Path writeTemporary(Path file, byte[] content, boolean sync) throws IOException {
    Path temporary = temporaryOf(file);
    // A left-over of a crash may be there, with whatever mode: begin anew.
    Files.deleteIfExists(temporary);
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
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
