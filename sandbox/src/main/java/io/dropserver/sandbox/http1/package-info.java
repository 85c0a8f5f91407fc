/**
 * HTTP/1.1 (RFC 9112) towards peers that may attack: the egress gateway speaks it to apps and to
 * destinations, the front door to apps. Heads and bodies are parsed strictly and encoded again, so
 * that no two parsers can disagree about the boundaries of a message (decision 0033).
 */
@NullMarked
package io.dropserver.sandbox.http1;

import org.jspecify.annotations.NullMarked;
