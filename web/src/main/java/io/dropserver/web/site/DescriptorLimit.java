package io.dropserver.web.site;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files and sockets this process may have open: proc_pid_limits(5). */
final class DescriptorLimit {
  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final String ROW = "Max open files";

  /** What every Linux gives, where the file cannot be read. */
  private static final long LEAST = 1024;

  private DescriptorLimit() {}

  static long ofThisProcess() {
    try {
      return parse(Files.readString(LIMITS));
    } catch (IOException e) {
      return LEAST;
    }
  }

  /** The soft limit, which a JVM has raised to the hard one. */
  static long parse(String limits) {
    return limits
        .lines()
        .filter(line -> line.startsWith(ROW))
        .map(line -> line.substring(ROW.length()).strip().split(" ", 2)[0])
        .map(soft -> soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft))
        .findFirst()
        .orElse(LEAST);
  }
}
