/** The server and the clients of the control API on a Unix socket. */
@NullMarked
package io.dropserver.web.control;

import org.jspecify.annotations.NullMarked;
