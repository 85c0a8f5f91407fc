/** Secrets of appspaces: sealed at rest, opened only for the egress gateway. */
@NullMarked
package io.dropserver.reconciler.secret;

import org.jspecify.annotations.NullMarked;
