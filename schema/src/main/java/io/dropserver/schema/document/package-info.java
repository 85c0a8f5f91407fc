/**
 * Text that people wrote, as nodes that know where they stand, and its check against a JSON Schema.
 *
 * <p>The text is hostile until read: size, depth, encoding and every feature of YAML that can
 * surprise (aliases, tags, merge keys, duplicate keys) are bounded or refused, with a position.
 */
@NullMarked
package io.dropserver.schema.document;

import org.jspecify.annotations.NullMarked;
