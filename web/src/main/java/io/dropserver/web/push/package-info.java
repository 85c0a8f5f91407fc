/** Web Push: messages to browsers through their push services (RFC 8030, 8291 and 8292). */
@NullMarked
package io.dropserver.web.push;

import org.jspecify.annotations.NullMarked;
