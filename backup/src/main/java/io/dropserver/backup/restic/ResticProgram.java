package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.process.ProgramRunner;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Finds restic on this machine and checks its version. Thread-safe. */
final class ResticProgram {
  /** The first version with distinct exit codes for a wrong password and for a lock. */
  private static final int[] MIN_VERSION = {0, 17, 1};

  /** The program that last passed the check. */
  private volatile Optional<CheckedProgram> checked = Optional.empty();

  /** A replaced file has another file key or another modification time. */
  private record CheckedProgram(Path file, String key, FileTime modified) {}

  /**
   * Runs restic to get its version, if the program has changed since the last check.
   *
   * @throws BackupException if restic is missing or too old
   */
  Path require() {
    Path restic =
        ProgramRunner.find("restic")
            .orElseThrow(
                () ->
                    new BackupException(
                        BackupReason.RESTIC_MISSING,
                        "restic is missing: apt-get install restic (0.17.1 or newer)"));
    Optional<CheckedProgram> found = identify(restic);
    if (found.isPresent() && found.equals(checked)) {
      return restic;
    }
    String version = version(restic);
    Matcher digits = Pattern.compile("restic (\\d+)\\.(\\d+)\\.(\\d+)").matcher(version);
    if (!digits.find() || isOlder(digits)) {
      throw new BackupException(
          BackupReason.RESTIC_MISSING,
          restic + " says \"" + version + "\"; Dropserver needs restic 0.17.1 or newer");
    }
    checked = found;
    return restic;
  }

  private static Optional<CheckedProgram> identify(Path restic) {
    try {
      BasicFileAttributes now = Files.readAttributes(restic, BasicFileAttributes.class);
      return Optional.of(
          new CheckedProgram(restic, String.valueOf(now.fileKey()), now.lastModifiedTime()));
    } catch (IOException e) {
      // the program was deleted meanwhile, and starting it reports the error
      return Optional.empty();
    }
  }

  private static boolean isOlder(Matcher digits) {
    int[] version =
        IntStream.rangeClosed(1, 3).map(i -> Integer.parseInt(digits.group(i))).toArray();
    return Arrays.compare(version, MIN_VERSION) < 0;
  }

  private static String version(Path restic) {
    try {
      Process process =
          new ProcessBuilder(restic.toString(), "version").redirectErrorStream(true).start();
      try (InputStream out = process.getInputStream()) {
        return new String(out.readNBytes(1000), StandardCharsets.UTF_8).strip();
      }
    } catch (IOException e) {
      throw new BackupException(
          BackupReason.RESTIC_MISSING, restic + " cannot be started: " + e.getMessage(), e);
    }
  }
}
