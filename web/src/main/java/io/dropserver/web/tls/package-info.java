/** TLS: certificates from files and from ACME, and the connections that use them. */
@NullMarked
package io.dropserver.web.tls;

import org.jspecify.annotations.NullMarked;
