package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.BackupException.Reason;
import io.dropserver.backup.process.ChildPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which restic this machine has. */
final class ResticProgram {
  /** The first whose exit code tells a wrong password and a lock apart. */
  private static final int[] OLDEST = {0, 17, 1};

  private ResticProgram() {}

  /**
   * @throws BackupException when there is none, or one that is too old
   */
  static Path require() {
    Path restic =
        ChildPrograms.find("restic")
            .orElseThrow(
                () ->
                    new BackupException(
                        Reason.RESTIC_MISSING,
                        "restic is missing: apt-get install restic (0.17.1 or newer)"));
    String version = version(restic);
    Matcher digits = Pattern.compile("restic (\\d+)\\.(\\d+)\\.(\\d+)").matcher(version);
    if (!digits.find() || isOlder(digits)) {
      throw new BackupException(
          Reason.RESTIC_MISSING,
          restic + " says \"" + version + "\"; Dropserver needs restic 0.17.1 or newer");
    }
    return restic;
  }

  private static boolean isOlder(Matcher digits) {
    for (int i = 0; i < OLDEST.length; i++) {
      int part = Integer.parseInt(digits.group(i + 1));
      if (part != OLDEST[i]) {
        return part < OLDEST[i];
      }
    }
    return false;
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
          Reason.RESTIC_MISSING, restic + " cannot be started: " + e.getMessage(), e);
    }
  }
}
