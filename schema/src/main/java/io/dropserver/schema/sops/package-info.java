/**
 * The form of SOPS files, as far as it can be checked without a key. The format is described in
 * docs/operate/secrets.md.
 */
@NullMarked
package io.dropserver.schema.sops;

import org.jspecify.annotations.NullMarked;
