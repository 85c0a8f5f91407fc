package io.dropserver.sandbox.usage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Reports whether the machine runs short of memory, as {@code /proc/meminfo} says. Thread-safe.
 *
 * @param file usually {@code /proc/meminfo}
 */
public record MachineMemory(Path file) {
  /** Memory is short if less than this part of the total is available. */
  private static final int RESERVED_PART = 20;

  public static MachineMemory ofThisMachine() {
    return new MachineMemory(Path.of("/proc/meminfo"));
  }

  public boolean isShort() {
    try {
      List<String> lines = Files.readAllLines(file);
      return kilobytes(lines, "MemAvailable:") < kilobytes(lines, "MemTotal:") / RESERVED_PART;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private static long kilobytes(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("/proc/meminfo has no " + key));
  }
}
