package io.dropserver.sandbox.app;

import io.dropserver.sandbox.linux.FileOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Creates folders and files with the permissions that a sandbox needs, because a sandbox runs as
 * another user.
 */
final class FolderAccess {
  private FolderAccess() {}

  /** Lets the sandbox open files in the folder by name, but not list the folder. */
  static Path passable(Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  /** Creates a folder that everybody may list and only this process can change. */
  static Path readable(Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
  }

  /** Writes a file that the sandbox may read, regardless of this process's umask. */
  static void writeReadable(Path file, byte[] content) throws IOException {
    Files.write(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /** Creates a folder that only the sandbox and this process can write. */
  static Path writable(Path folder, int uid) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    FileOwner.set(folder, uid);
    return folder;
  }

  /**
   * Copies a folder of this process so that a sandbox can add to the copy.
   *
   * @param from contains only regular files and folders
   */
  static void copyWritable(Path from, Path to, int uid) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(from)) {
      all = walk.toList();
    }
    for (Path path : all) {
      Path target = to.resolve(from.relativize(path).toString());
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        writable(target, uid);
      } else {
        Files.copy(path, target, LinkOption.NOFOLLOW_LINKS);
        FileOwner.set(target, uid);
      }
    }
  }
}
