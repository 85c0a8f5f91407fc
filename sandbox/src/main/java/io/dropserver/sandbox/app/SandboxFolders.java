package io.dropserver.sandbox.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/** Folders that are bound into a sandbox, which runs as another user. */
final class SandboxFolders {
  private SandboxFolders() {}

  /** The sandbox may reach what is in it by name. */
  static Path passable(Path folder) throws IOException {
    Files.createDirectories(folder);
    return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
  }

  /** Writes a file that the sandbox may read, whatever the umask of this process. */
  static void writeReadable(Path file, byte[] content) throws IOException {
    Files.write(file, content);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
  }

  /** Only the sandbox and this process may write. */
  static Path writable(Path folder, int uid) throws IOException {
    Files.createDirectories(folder);
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    own(folder, uid);
    return folder;
  }

  /**
   * Copies a folder of this process for a sandbox to add to.
   *
   * @param from holds plain files and folders only
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
        own(target, uid);
      }
    }
  }

  private static void own(Path path, int uid) throws IOException {
    if (!Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS).equals(uid)) {
      Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(path, "unix:gid", uid, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
