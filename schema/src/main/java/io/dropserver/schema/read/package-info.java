/**
 * Turns the files of a revision into one validated {@link io.dropserver.schema.instance.Instance},
 * or reports every problem of every file.
 */
@NullMarked
package io.dropserver.schema.read;

import org.jspecify.annotations.NullMarked;
