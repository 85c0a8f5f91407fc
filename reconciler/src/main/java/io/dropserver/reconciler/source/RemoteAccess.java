package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Credentials and timeouts for a remote. They come only from the host configuration. Files are read
 * for each connection, so a rotated token needs no restart.
 *
 * @param user for basic authentication; forges ignore it when a token is used
 * @param tokenFile contains only the token or password
 * @param sshKeyFile an OpenSSH private key without a passphrase
 * @param knownHostsFile required for SSH; unlisted servers are refused
 * @param answerTimeout longest time without data from the remote
 * @param fetchTimeout longest duration of a whole fetch
 */
public record RemoteAccess(
    String user,
    Optional<Path> tokenFile,
    Optional<Path> sshKeyFile,
    Optional<Path> knownHostsFile,
    Duration answerTimeout,
    Duration fetchTimeout) {

  /** Returns access without credentials, for paths, {@code file://} and public https remotes. */
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
