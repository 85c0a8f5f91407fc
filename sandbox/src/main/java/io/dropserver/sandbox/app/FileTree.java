package io.dropserver.sandbox.app;

import io.dropserver.sandbox.linux.FileOwner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Operations on a whole folder. They follow no links inside the folder. */
public final class FileTree {
  private static final Set<PosixFilePermission> SEALED_FILE =
      PosixFilePermissions.fromString("r--r--r--");
  private static final Set<PosixFilePermission> SEALED_FOLDER =
      PosixFilePermissions.fromString("r-xr-xr-x");
  private static final Set<PosixFilePermission> OWN_FOLDER =
      PosixFilePermissions.fromString("rwx------");

  private FileTree() {}

  /**
   * Makes every file and folder read-only and owned by the user of the parent folder.
   *
   * @throws IOException when the folder contains anything but regular files and folders; a sandbox
   *     may have written it
   */
  static void seal(Path folder) throws IOException {
    Path parent = Objects.requireNonNull(folder.getParent());
    int user = FileOwner.of(parent);
    int group = (Integer) Files.getAttribute(parent, "unix:gid", LinkOption.NOFOLLOW_LINKS);
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) all::iterator) {
        boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
        if (!isFolder && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          throw new IOException(path + " is neither a file nor a folder");
        }
        FileOwner.set(path, user, group);
        Files.setPosixFilePermissions(path, isFolder ? SEALED_FOLDER : SEALED_FILE);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Deletes a folder recursively, also a sealed one. A missing folder is not an error. */
  public static void delete(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes found)
              throws IOException {
            Files.setPosixFilePermissions(dir, OWN_FOLDER);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes found)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) || isAccessible(file)) {
              throw failure;
            }
            // An app without a user of its own may have closed its folder to the server.
            Files.setPosixFilePermissions(file, OWN_FOLDER);
            delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure)
              throws IOException {
            Files.deleteIfExists(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static boolean isAccessible(Path folder) {
    return Files.isReadable(folder) && Files.isExecutable(folder);
  }

  /**
   * The extent of folders.
   *
   * @param bytes the size of all files
   * @param files the number of files and folders
   */
  record Extent(long bytes, long files) {}

  /**
   * Returns the extent of folders. Files that vanish during the walk do not count. A folder that
   * the server cannot read counts as too many files, because its content is unknown.
   *
   * @param mostFiles the walk ends after one file or folder more
   */
  static Extent extent(List<Path> folders, long mostFiles) {
    Counter counter = new Counter(mostFiles);
    try {
      for (Path folder : folders) {
        Files.walkFileTree(folder, counter);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Extent(counter.bytes, counter.files);
  }

  private static final class Counter extends SimpleFileVisitor<Path> {
    private final long mostFiles;
    private long bytes;
    private long files;

    private Counter(long mostFiles) {
      this.mostFiles = mostFiles;
    }

    private FileVisitResult count(BasicFileAttributes found) {
      bytes += found.isRegularFile() ? found.size() : 0;
      files++;
      return files > mostFiles ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes found) {
      return count(found);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes found) {
      return count(found);
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      if (failure instanceof AccessDeniedException) {
        files = mostFiles + 1;
        return FileVisitResult.TERMINATE;
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) {
      return FileVisitResult.CONTINUE;
    }
  }
}
