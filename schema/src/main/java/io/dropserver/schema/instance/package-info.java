/**
 * The YAML documents of an instance as immutable records with their source locations.
 *
 * <p>All types are values: an {@link io.dropserver.schema.instance.Instance} never changes, and a
 * new commit creates a new one.
 */
@NullMarked
package io.dropserver.schema.instance;

import org.jspecify.annotations.NullMarked;
