/** Tests of the HTTP/1.1 parser and encoder. */
@NullMarked
package io.dropserver.base.http1;

import org.jspecify.annotations.NullMarked;
