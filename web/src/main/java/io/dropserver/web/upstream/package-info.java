/** An HTTP/1.1 client for sandboxes. It blocks on virtual threads and trusts no input. */
@NullMarked
package io.dropserver.web.upstream;

import org.jspecify.annotations.NullMarked;
