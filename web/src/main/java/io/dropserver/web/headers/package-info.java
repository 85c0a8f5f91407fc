/**
 * Filters the headers of requests to apps and of their responses, and sets the security headers.
 */
@NullMarked
package io.dropserver.web.headers;

import org.jspecify.annotations.NullMarked;
