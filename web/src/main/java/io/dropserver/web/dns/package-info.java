/** TXT records that prove control of a domain to a certificate authority (DNS-01). */
@NullMarked
package io.dropserver.web.dns;

import org.jspecify.annotations.NullMarked;
