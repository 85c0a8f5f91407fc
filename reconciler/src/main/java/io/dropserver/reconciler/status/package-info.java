/** Conditions, events and other recorded state. */
@NullMarked
package io.dropserver.reconciler.status;

import org.jspecify.annotations.NullMarked;
