/** Loops on dedicated threads. */
@NullMarked
package io.dropserver.schema.concurrent;

import org.jspecify.annotations.NullMarked;
