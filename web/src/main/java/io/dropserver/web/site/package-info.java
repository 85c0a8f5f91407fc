/** The host table, and the streaming proxy to the sandboxes. */
@NullMarked
package io.dropserver.web.site;

import org.jspecify.annotations.NullMarked;
