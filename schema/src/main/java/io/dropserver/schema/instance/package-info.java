/**
 * The YAML that people write, as immutable records that carry their source location, and its
 * reader.
 *
 * <p>Everything here is a value: nothing mutates an {@link io.dropserver.schema.instance.Instance};
 * a new commit makes a new one.
 */
@NullMarked
package io.dropserver.schema.instance;

import org.jspecify.annotations.NullMarked;
