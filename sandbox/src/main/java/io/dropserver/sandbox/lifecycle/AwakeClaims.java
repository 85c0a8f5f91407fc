package io.dropserver.sandbox.lifecycle;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * The claims of apps to work after their last response. While an appspace has a claim, its sandbox
 * is not stopped as idle. It can still be stopped for lack of room, or replaced. Thread-safe.
 */
public final class AwakeClaims {
  /** After this time a claim ends by itself. */
  public static final Duration LONGEST = Duration.ofMinutes(10);

  /** The maximum number of simultaneous claims of an appspace. */
  public static final int PER_APPSPACE = 16;

  private final InstantSource clock;
  private final Map<String, Map<String, Instant>> claims = new HashMap<>(); // guarded by this

  public AwakeClaims(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * The claims of one appspace.
   *
   * @param since when the oldest of them began
   */
  public record Awake(int count, Instant since) {}

  /** Begins a claim. Returns its id, or empty if the appspace has the maximum number. */
  public synchronized Optional<String> begin(String appspace) {
    Map<String, Instant> own = claims.computeIfAbsent(appspace, _ -> new HashMap<>());
    removeExpired(own);
    if (own.size() >= PER_APPSPACE) {
      return Optional.empty();
    }
    String id = UUID.randomUUID().toString();
    own.put(id, clock.instant());
    return Optional.of(id);
  }

  /** Ends a claim. Unknown ids are ignored, because a claim may have ended by itself. */
  public synchronized void end(String appspace, String id) {
    Map<String, Instant> own = claims.get(appspace);
    if (own != null) {
      own.remove(id);
    }
  }

  /** Ends all claims of an appspace, because its process has ended. */
  synchronized void endAll(String appspace) {
    claims.remove(appspace);
  }

  /** Returns the claims of an appspace; empty if it has none. */
  public synchronized Optional<Awake> of(String appspace) {
    Map<String, Instant> own = claims.getOrDefault(appspace, Map.of());
    if (!own.isEmpty()) {
      removeExpired(own);
    }
    return own.values().stream()
        .min(Comparator.naturalOrder())
        .map(oldest -> new Awake(own.size(), oldest));
  }

  private void removeExpired(Map<String, Instant> own) {
    Instant oldest = clock.instant().minus(LONGEST);
    own.values().removeIf(begun -> !begun.isAfter(oldest));
  }
}
