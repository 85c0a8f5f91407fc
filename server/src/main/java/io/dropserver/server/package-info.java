/**
 * The composition root: builds stores, then engines, then loops, then listeners, and closes them in
 * reverse order. No other package of the reconciler depends on the front door.
 */
@NullMarked
package io.dropserver.server;

import org.jspecify.annotations.NullMarked;
