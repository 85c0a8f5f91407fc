/**
 * The composition root: builds stores, then engines, then loops, then listeners, and closes them in
 * reverse order.
 */
@NullMarked
package io.dropserver.server;

import org.jspecify.annotations.NullMarked;
