package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What is mounted in this process's mount namespace, proc_pid_mountinfo(5). */
final class MountTable {
  private static final int MOUNT_POINT = 4;

  private MountTable() {}

  /** Mount points strictly below a folder, the deepest first. */
  static List<Path> below(Path root) throws IOException {
    Path real = Files.exists(root) ? root.toRealPath() : root.toAbsolutePath().normalize();
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .map(line -> Path.of(unescape(line.split(" ", -1)[MOUNT_POINT])))
        .filter(mount -> mount.startsWith(real) && !mount.equals(real))
        .sorted((one, other) -> Integer.compare(other.getNameCount(), one.getNameCount()))
        .toList();
  }

  /** Blanks, tabs, line feeds and backslashes are written in octal. */
  private static String unescape(String text) {
    return text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\012", "\n")
        .replace("\\134", "\\");
  }
}
