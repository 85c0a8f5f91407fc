/** The control API on a Unix socket, and the ports that it needs. */
@NullMarked
package io.dropserver.web.control;

import org.jspecify.annotations.NullMarked;
