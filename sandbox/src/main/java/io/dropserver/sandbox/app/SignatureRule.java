package io.dropserver.sandbox.app;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/** Decides whether a signature of a package is accepted. Thread-safe. */
public interface SignatureRule {

  /** Returns the URL of the signature. */
  URI url();

  /**
   * Checks a signature.
   *
   * @param file the package
   * @param signature at most 16 KiB, from the network
   * @return a clause that says why it is refused; empty if it is accepted
   */
  Optional<String> objection(Path file, byte[] signature) throws IOException;
}
