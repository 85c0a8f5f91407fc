/**
 * Parses text that people wrote into nodes with positions, and validates them against a JSON
 * Schema.
 *
 * <p>The input is untrusted. Size, nesting depth, encoding and the surprising features of YAML
 * (aliases, tags, merge keys, duplicate keys) are limited or rejected, and each rejection has a
 * position.
 */
@NullMarked
package io.dropserver.schema.document;

import org.jspecify.annotations.NullMarked;
