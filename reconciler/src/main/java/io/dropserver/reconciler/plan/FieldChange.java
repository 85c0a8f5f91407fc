package io.dropserver.reconciler.plan;

import java.util.Optional;

/**
 * A change of one field of an object.
 *
 * @param path such as {@code limits.memory}
 * @param before empty if the field is new
 * @param after empty if the field is removed
 */
public record FieldChange(String path, Optional<String> before, Optional<String> after) {

  @Override
  public String toString() {
    return path + ": " + before.orElse("–") + " → " + after.orElse("–");
  }
}
