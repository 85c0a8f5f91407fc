/**
 * Implements HTTP/1.1 (RFC 9112) for peers that may be hostile. The egress gateway uses it with
 * apps and destinations, and the front door with apps. Heads and bodies are parsed strictly and
 * encoded again, so that no two parsers can disagree about the boundaries of a message (decision
 * 0033).
 */
@NullMarked
package io.dropserver.base.http1;

import org.jspecify.annotations.NullMarked;
