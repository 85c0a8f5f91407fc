package io.dropserver.backup.restic;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of restic, and the features that it has. Debian 12 has 0.14, Ubuntu 24.04 has 0.16. See
 * restic's CHANGELOG.md.
 */
record ResticVersion(int major, int minor, int patch) implements Comparable<ResticVersion> {
  /** The oldest version with which the tests run. */
  static final ResticVersion OLDEST = new ResticVersion(0, 14, 0);

  private static final ResticVersion NO_SCAN = new ResticVersion(0, 15, 0);
  private static final ResticVersion SUBFOLDERS = new ResticVersion(0, 16, 0);
  private static final ResticVersion STUCK_REQUESTS = new ResticVersion(0, 17, 0);
  private static final Pattern OUTPUT =
      Pattern.compile("restic (\\d{1,6})\\.(\\d{1,6})\\.(\\d{1,6})");

  /** Parses the output of {@code restic version}. */
  static Optional<ResticVersion> parse(String output) {
    Matcher found = OUTPUT.matcher(output);
    return found.find()
        ? Optional.of(
            new ResticVersion(
                Integer.parseInt(found.group(1)),
                Integer.parseInt(found.group(2)),
                Integer.parseInt(found.group(3))))
        : Optional.empty();
  }

  boolean isAtLeast(ResticVersion other) {
    return compareTo(other) >= 0;
  }

  /**
   * Returns options of {@code backup}. Without {@code --group-by}, restic takes the last snapshot
   * of the same folder and host as the parent, which is the same snapshot: each appspace has its
   * own folder.
   */
  List<String> backupOptions() {
    if (isAtLeast(SUBFOLDERS)) {
      return List.of("--group-by", "tags", "--no-scan");
    }
    return isAtLeast(NO_SCAN) ? List.of("--no-scan") : List.of();
  }

  /** Returns whether {@code --retry-lock} exists. */
  boolean canRetryLock() {
    return isAtLeast(SUBFOLDERS);
  }

  /** Returns whether {@code restore} accepts {@code SNAPSHOT:FOLDER}. */
  boolean canRestoreSubfolders() {
    return isAtLeast(SUBFOLDERS);
  }

  /** Returns whether {@code --stuck-request-timeout} exists. */
  boolean canRepeatStuckRequests() {
    return isAtLeast(STUCK_REQUESTS);
  }

  @Override
  public int compareTo(ResticVersion other) {
    return Comparator.comparingInt(ResticVersion::major)
        .thenComparingInt(ResticVersion::minor)
        .thenComparingInt(ResticVersion::patch)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
