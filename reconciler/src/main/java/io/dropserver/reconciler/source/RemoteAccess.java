package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Credentials and timeouts for a remote, only from the host configuration. Files are read for each
 * connection, so rotating a token needs no restart.
 *
 * @param user for basic authentication; forges ignore it when there is a token
 * @param tokenFile contains only the token or password
 * @param sshKeyFile an OpenSSH private key without a passphrase
 * @param knownHostsFile required for SSH; servers that are not in it are refused
 * @param answerTimeout longest silence of a connection
 * @param fetchTimeout longest duration of a whole fetch
 */
public record RemoteAccess(
    String user,
    Optional<Path> tokenFile,
    Optional<Path> sshKeyFile,
    Optional<Path> knownHostsFile,
    Duration answerTimeout,
    Duration fetchTimeout) {

  /** No credentials, as for paths, {@code file://} and public https remotes. */
  public static RemoteAccess anonymous() {
    return new RemoteAccess(
        "git",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(15),
        Duration.ofMinutes(10));
  }
}
