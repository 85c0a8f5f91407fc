/**
 * The composition root: builds stores, then engines, then loops, then listeners, and closes them in
 * reverse. The only package of the reconciler that knows the front door.
 */
@NullMarked
package io.dropserver.reconciler.server;

import org.jspecify.annotations.NullMarked;
