package io.dropserver.reconciler.source;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Credentials and timeouts for a remote. They come only from the host configuration. Files are read
 * for each connection, so a rotated token needs no restart.
 *
 * @param user for basic authentication; forges ignore it beside an access token
 * @param tokenFile contains only the token or password
 * @param ssh the private key for SSH
 * @param knownHostsFile required for SSH; unlisted servers are refused
 * @param trust PEM files of certificate authorities that are trusted beside the platform's
 * @param answerTimeout longest time without data from the remote
 * @param fetchTimeout longest duration of a whole fetch
 */
public record RemoteAccess(
    String user,
    Optional<Path> tokenFile,
    SshIdentity ssh,
    Optional<Path> knownHostsFile,
    List<Path> trust,
    Duration answerTimeout,
    Duration fetchTimeout) {

  /**
   * @param keyFile an OpenSSH private key
   * @param passphraseFile contains only the passphrase of an encrypted key
   * @param agentSocket the Unix socket of an ssh-agent
   */
  public record SshIdentity(
      Optional<Path> keyFile, Optional<Path> passphraseFile, Optional<Path> agentSocket) {
    public static final SshIdentity NONE =
        new SshIdentity(Optional.empty(), Optional.empty(), Optional.empty());

    static SshIdentity of(Path keyFile) {
      return new SshIdentity(Optional.of(keyFile), Optional.empty(), Optional.empty());
    }
  }

  /** Returns access without credentials, for paths, {@code file://} and public https remotes. */
  public static RemoteAccess anonymous() {
    return anonymous(List.of());
  }

  /** Returns access without credentials to servers of further certificate authorities. */
  public static RemoteAccess anonymous(List<Path> trust) {
    return new RemoteAccess(
        "git",
        Optional.empty(),
        SshIdentity.NONE,
        Optional.empty(),
        trust,
        Duration.ofSeconds(15),
        Duration.ofMinutes(10));
  }
}
