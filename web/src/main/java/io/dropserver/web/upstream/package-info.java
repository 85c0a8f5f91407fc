/** An HTTP/1.1 client for sandboxes: blocking, on virtual threads, trusting nothing it reads. */
@NullMarked
package io.dropserver.web.upstream;

import org.jspecify.annotations.NullMarked;
