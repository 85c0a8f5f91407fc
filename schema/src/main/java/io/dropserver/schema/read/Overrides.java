package io.dropserver.schema.read;

import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Limits;
import java.util.function.UnaryOperator;

/**
 * The limits and backup values that one document sets. Each function returns the given defaults
 * with these values in their place.
 */
record Overrides(UnaryOperator<Limits> limits, UnaryOperator<BackupPolicy> backup) {
  static final Overrides NONE = new Overrides(UnaryOperator.identity(), UnaryOperator.identity());
}
