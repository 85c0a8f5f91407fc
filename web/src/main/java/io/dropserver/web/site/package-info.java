/**
 * The front door: listeners, the routes of each host, limits, and the streaming proxy to the
 * sandboxes.
 */
@NullMarked
package io.dropserver.web.site;

import org.jspecify.annotations.NullMarked;
