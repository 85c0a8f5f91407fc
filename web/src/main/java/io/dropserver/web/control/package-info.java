/** The control API on a Unix socket, and the interfaces through which it reaches the reconciler. */
@NullMarked
package io.dropserver.web.control;

import org.jspecify.annotations.NullMarked;
