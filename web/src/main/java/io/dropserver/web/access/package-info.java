/**
 * What admits requests, WebSockets and jobs to an appspace, and the end of those whose right ends.
 */
@NullMarked
package io.dropserver.web.access;

import org.jspecify.annotations.NullMarked;
