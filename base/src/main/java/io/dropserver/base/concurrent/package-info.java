/** Loops on dedicated threads. */
@NullMarked
package io.dropserver.base.concurrent;

import org.jspecify.annotations.NullMarked;
