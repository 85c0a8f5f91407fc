/**
 * An HTTP/1.1 client for apps, which blocks on virtual threads and treats responses as untrusted.
 */
@NullMarked
package io.dropserver.web.upstream;

import org.jspecify.annotations.NullMarked;
