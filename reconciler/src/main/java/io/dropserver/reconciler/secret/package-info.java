/** Secrets of appspaces: sealed at rest, opened for the egress gateway alone. */
@NullMarked
package io.dropserver.reconciler.secret;

import org.jspecify.annotations.NullMarked;
