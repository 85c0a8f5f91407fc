package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.util.Optional;

/** Whether a new head must be signed. Set only by the host configuration. */
public sealed interface Verification {

  /** {@code verify: off}: push access is enough to change the instance. */
  record Off() implements Verification {}

  /**
   * {@code verify: signed}. At least one file is present.
   *
   * @param allowedSigners OpenSSH's allowed_signers, see ssh-keygen(1)
   * @param revokedKeys OpenSSH public keys or a key revocation list
   * @param gpgKeys armored or binary OpenPGP public keys
   */
  record Signed(Optional<Path> allowedSigners, Optional<Path> revokedKeys, Optional<Path> gpgKeys)
      implements Verification {}
}
