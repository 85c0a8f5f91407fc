package io.dropserver.schema.host;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The mail server that accepts the messages of this machine.
 *
 * @param host a name or a literal address; loopback if there is no encryption
 * @param from the sender's address
 * @param userName present if and only if {@code passwordFile} is
 * @param passwordFile read for each message
 * @param trust PEM files of the certificate authorities that verify the server's certificate; empty
 *     means the authorities of the JDK
 */
public record MailSettings(
    String host,
    int port,
    Encryption encryption,
    String from,
    Optional<String> userName,
    Optional<Path> passwordFile,
    List<Path> trust) {
  public MailSettings {
    trust = List.copyOf(trust);
  }

  /** How the connection is encrypted. {@code tls} uses the lower-case name. */
  public enum Encryption {
    /** The connection begins in clear text and must continue with TLS (RFC 3207). */
    STARTTLS(587),
    /** TLS from the first byte (RFC 8314). */
    IMPLICIT(465),
    /** No encryption, to this machine only. */
    NONE_ON_LOOPBACK(25);

    private final int port;

    Encryption(int port) {
      this.port = port;
    }

    /** Returns the usual port. */
    public int port() {
      return port;
    }
  }
}
