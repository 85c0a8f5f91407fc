/**
 * Encrypts and decrypts SOPS files for age keys. The format is described in
 * docs/operate/secrets.md.
 */
@NullMarked
package io.dropserver.reconciler.sops;

import org.jspecify.annotations.NullMarked;
