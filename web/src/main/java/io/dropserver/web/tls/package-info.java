/** TLS: certificates, given or ordered, and the connections that are made with them. */
@NullMarked
package io.dropserver.web.tls;

import org.jspecify.annotations.NullMarked;
