package io.dropserver.state.site;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pending challenges by which this server finds out whether a custom host leads to it: it
 * requests a path on the host that only this process answers, for as long as the request takes.
 * Thread-safe.
 */
public final class HostChallenges {
  private static final String PREFIX = "/.well-known/dropserver/";

  /** The entropy of paths and answers, which must be unguessable. */
  private static final int BYTES = 32;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, HostChallenge> pending = new ConcurrentHashMap<>();

  /**
   * A challenge, which ends when it is closed.
   *
   * @param path the path to request on the host
   * @param answer the body of this server's response
   */
  public record HostChallenge(HostChallenges owner, String host, String path, String answer)
      implements AutoCloseable {
    @Override
    public void close() {
      owner.pending.remove(path);
    }
  }

  /** Starts to answer a challenge. */
  public HostChallenge begin(String host) {
    HostChallenge challenge = new HostChallenge(this, host, PREFIX + token(), token());
    pending.put(challenge.path(), challenge);
    return challenge;
  }

  private String token() {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Returns whether a path is one of challenges, which no app answers. */
  public static boolean isChallenge(String path) {
    return path.startsWith(PREFIX);
  }

  /** Returns the answer to a request; empty unless exactly this challenge is pending. */
  public Optional<String> answer(String host, String path) {
    return Optional.ofNullable(pending.get(path))
        .filter(challenge -> challenge.host().equals(host))
        .map(HostChallenge::answer);
  }
}
