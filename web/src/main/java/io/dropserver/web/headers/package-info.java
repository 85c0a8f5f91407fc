/** Filters headers on the way to the sandbox and to the browser, and sets the security headers. */
@NullMarked
package io.dropserver.web.headers;

import org.jspecify.annotations.NullMarked;
