/** Serves health checks and metrics to operators of the server. */
@NullMarked
package io.dropserver.web.admin;

import org.jspecify.annotations.NullMarked;
