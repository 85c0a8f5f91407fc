package io.dropserver.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the memory of a process from the kernel's accounting, proc_pid_smaps(5) and
 * proc_pid_status(5).
 */
final class ProcessMemory {
  private ProcessMemory() {}

  static double residentMebibytes(long pid) throws IOException {
    return kibibytes(Path.of("/proc", Long.toString(pid), "status"), "VmRSS:") / 1024.0;
  }

  /** Returns the proportional set size: private pages plus this process's share of shared pages. */
  static double proportionalMebibytes(long pid) throws IOException {
    return kibibytes(Path.of("/proc", Long.toString(pid), "smaps_rollup"), "Pss:") / 1024.0;
  }

  /** Returns the name of the program that the process executes, of at most 15 characters. */
  static String program(long pid) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(pid), "comm")).strip();
  }

  private static long kibibytes(Path file, String field) throws IOException {
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(field)) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException(file + " has no " + field);
  }
}
