/**
 * From the files of a revision to one checked {@link io.dropserver.schema.instance.Instance}, or to
 * every problem of every file.
 */
@NullMarked
package io.dropserver.schema.read;

import org.jspecify.annotations.NullMarked;
