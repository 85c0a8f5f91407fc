/** What reaches the sandbox, and what reaches the browser. */
@NullMarked
package io.dropserver.web.headers;

import org.jspecify.annotations.NullMarked;
