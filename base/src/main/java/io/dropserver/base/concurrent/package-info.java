/** Locks, loops on dedicated threads, and timers. */
@NullMarked
package io.dropserver.base.concurrent;

import org.jspecify.annotations.NullMarked;
