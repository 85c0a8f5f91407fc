/**
 * HTTP/1.1 as the gateway speaks it, on both sides: heads and bodies are read strictly, and written
 * anew, so that no two readers can take one message for two.
 */
@NullMarked
package io.dropserver.sandbox.egress.http;

import org.jspecify.annotations.NullMarked;
