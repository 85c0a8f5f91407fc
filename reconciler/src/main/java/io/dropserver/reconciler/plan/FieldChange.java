package io.dropserver.reconciler.plan;

import java.util.Optional;

/**
 * One field of an object that changes.
 *
 * @param path such as {@code limits.memory}
 * @param before empty: it is new
 * @param after empty: it goes
 */
public record FieldChange(String path, Optional<String> before, Optional<String> after) {

  @Override
  public String toString() {
    return path + ": " + before.orElse("–") + " → " + after.orElse("–");
  }
}
