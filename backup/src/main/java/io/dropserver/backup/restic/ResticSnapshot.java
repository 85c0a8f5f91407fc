package io.dropserver.backup.restic;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One backup in the repository.
 *
 * @param id 64 hex digits
 * @param tags such as {@code appspace:garden}
 * @param bytes total size; 0 if an older restic did not record it
 */
public record ResticSnapshot(String id, Instant time, List<String> tags, long files, long bytes) {

  private static final Duration TOLERANCE = Duration.ofDays(1);

  /**
   * Returns whether the snapshot is of a date that is more than a day later than {@code now}: the
   * date of the machine was wrong when it was made, or is wrong now.
   */
  public boolean isLate(Instant now) {
    return time.isAfter(now.plus(TOLERANCE));
  }

  /** Returns an order that begins with the newest snapshot. Late ones come last. */
  public static Comparator<ResticSnapshot> newestFirst(Instant now) {
    return Comparator.<ResticSnapshot, Boolean>comparing(each -> each.isLate(now))
        .thenComparing(Comparator.comparing(ResticSnapshot::time).reversed());
  }

  /** Returns the first eight digits of the id, as restic prints them. */
  public String shortId() {
    return id.substring(0, Math.min(8, id.length()));
  }

  /** Returns the value of the tag {@code key:value}. */
  public Optional<String> tag(String key) {
    return tags.stream()
        .filter(tag -> tag.startsWith(key + ":"))
        .map(tag -> tag.substring(key.length() + 1))
        .findFirst();
  }
}
