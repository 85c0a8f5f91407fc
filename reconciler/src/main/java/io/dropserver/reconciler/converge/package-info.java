/** Converges each declared object, and retries failures with backoff. */
@NullMarked
package io.dropserver.reconciler.converge;

import org.jspecify.annotations.NullMarked;
