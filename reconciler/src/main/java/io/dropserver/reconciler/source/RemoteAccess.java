package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a remote lets this server in; from the host configuration alone. Files are read anew at each
 * connection, so that rotating a token needs no restart.
 *
 * @param user for basic authentication; forges ignore it beside a token
 * @param tokenFile holds the token or password and nothing else
 * @param sshKeyFile an OpenSSH private key without a passphrase
 * @param knownHostsFile required for ssh; a server that is not in it is refused
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

  /** No credentials: paths, {@code file://} and public https. */
  public static RemoteAccess anonymous() {
    return new RemoteAccess(
        "git",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Duration.ofSeconds(15),
        Duration.ofMinutes(10));
  }

  public RemoteAccess withToken(String newUser, Path newTokenFile) {
    return new RemoteAccess(
        newUser,
        Optional.of(newTokenFile),
        sshKeyFile,
        knownHostsFile,
        answerTimeout,
        fetchTimeout);
  }

  public RemoteAccess withSsh(Path newKeyFile, Path newKnownHostsFile) {
    return new RemoteAccess(
        user,
        tokenFile,
        Optional.of(newKeyFile),
        Optional.of(newKnownHostsFile),
        answerTimeout,
        fetchTimeout);
  }

  public RemoteAccess withTimeouts(Duration answer, Duration fetch) {
    return new RemoteAccess(user, tokenFile, sshKeyFile, knownHostsFile, answer, fetch);
  }
}
