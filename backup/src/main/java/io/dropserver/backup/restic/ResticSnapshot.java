package io.dropserver.backup.restic;

import java.time.Instant;
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
