package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/** Reads and writes files of the cgroup file systems, each write in one system call. */
final class CgroupFiles {
  /** The kernel ends a killed group within milliseconds, unless a disk hangs. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final long FIRST_POLL_NANOS = 500_000;
  private static final long LAST_POLL_NANOS = 8_000_000;

  private CgroupFiles() {}

  static void write(Path file, String value) {
    try {
      Files.writeString(file, value, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed("write " + value + " to " + file, e);
    }
  }

  /**
   * Writes a file, unless it does not exist. Some kernels lack some files, and the files of a group
   * may disappear at any time.
   */
  static void writeIfPresent(Path file, String value) {
    if (!Files.exists(file)) {
      return;
    }
    try {
      write(file, value);
    } catch (SandboxException e) {
      if (Files.exists(file)) {
        throw e;
      }
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw failed("read " + file, e);
    }
  }

  /** Returns the value of a key in a file with lines {@code key value}; 0 if the key is absent. */
  static long value(Path file, String key) {
    return read(file)
        .lines()
        .map(line -> line.split(" "))
        .filter(words -> words.length == 2 && words[0].equals(key))
        .mapToLong(words -> Long.parseLong(words[1]))
        .findFirst()
        .orElse(0);
  }

  static long number(Path file) {
    return Long.parseLong(read(file));
  }

  /** Returns the process ids of a group; empty if the group does not exist. */
  static List<Long> processes(Path group) {
    try {
      return Files.readString(group.resolve("cgroup.procs")).lines().map(Long::valueOf).toList();
    } catch (IOException gone) {
      return List.of(); // ENOENT, or ENODEV if the group is removed during the read
    }
  }

  static List<Path> children(Path group) {
    try (Stream<Path> files = Files.list(group)) {
      return files.filter(Files::isDirectory).toList();
    } catch (NoSuchFileException gone) {
      return List.of();
    } catch (IOException e) {
      throw failed("list " + group, e);
    }
  }

  static void create(Path group) {
    try {
      Files.createDirectories(group);
    } catch (IOException e) {
      throw failed("create " + group, e);
    }
  }

  /**
   * Removes a group. Retries, because a group stays busy for a moment after its last process has
   * ended.
   */
  static void remove(Path group) {
    await("removal of " + group, () -> removed(group));
  }

  private static boolean removed(Path group) {
    try {
      Files.deleteIfExists(group);
      return true;
    } catch (FileSystemException busy) {
      return false;
    } catch (IOException e) {
      throw failed("remove " + group, e);
    }
  }

  /**
   * Polls with increasing intervals, because the cgroup v1 file systems do not signal state
   * changes.
   */
  static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TIMEOUT.toNanos();
    long pause = FIRST_POLL_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new SandboxException(
            SandboxReason.CGROUP_FAILED, what + " takes more than " + TIMEOUT.toSeconds() + " s");
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, LAST_POLL_NANOS);
    }
  }

  private static SandboxException failed(String what, IOException e) {
    return new SandboxException(
        SandboxReason.CGROUP_FAILED, "cannot " + what + ": " + e.getMessage(), e);
  }
}
