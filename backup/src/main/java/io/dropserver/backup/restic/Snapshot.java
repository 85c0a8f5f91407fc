package io.dropserver.backup.restic;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One backup in the repository.
 *
 * @param id 64 hex digits
 * @param tags such as {@code appspace:garden}
 * @param bytes of all that it holds; 0 where an older restic did not note it
 */
public record Snapshot(String id, Instant time, List<String> tags, long files, long bytes) {

  /** The eight digits that people write. */
  public String shortId() {
    return id.substring(0, Math.min(8, id.length()));
  }

  /** The text behind {@code key:} among the tags. */
  public Optional<String> tag(String key) {
    return tags.stream()
        .filter(tag -> tag.startsWith(key + ":"))
        .map(tag -> tag.substring(key.length() + 1))
        .findFirst();
  }
}
