/**
 * The gateway's HTTP/1.1 for both sides. Heads and bodies are parsed strictly and written anew, so
 * that no two parsers can disagree about the boundaries of a message.
 */
@NullMarked
package io.dropserver.sandbox.egress.http;

import org.jspecify.annotations.NullMarked;
