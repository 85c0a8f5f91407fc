package io.dropserver.web.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Codes that take a session from the shell's host to an appspace. Each is good once, for one
 * appspace, in the one browser that holds the nonce to which it is bound, for half a minute.
 * Thread-safe.
 */
final class HandOver {
  private static final Duration LIFE = Duration.ofSeconds(30);

  /** Of one session; more than anybody opens at once. */
  private static final int KEPT = 100;

  private final InstantSource clock;
  private final Map<String, Code> codes = new ConcurrentHashMap<>();

  private record Code(Session session, String appspace, String binding, Instant end) {}

  HandOver(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * @param appspace its identity
   * @param binding hash of the browser's nonce
   * @return empty when the session has too many unused ones
   */
  Optional<String> issue(Session session, String appspace, String binding) {
    Instant now = clock.instant();
    codes.values().removeIf(code -> !now.isBefore(code.end()));
    if (codes.values().stream().filter(code -> code.session() == session).count() >= KEPT) {
      return Optional.empty();
    }
    String code = Secret.fresh();
    codes.put(Secret.hash(code), new Code(session, appspace, binding, now.plus(LIFE)));
    return Optional.of(code);
  }

  /** Uses a code up, whether it fits or not. */
  Optional<Session> redeem(String code, String appspace, String nonce) {
    @Nullable Code found = codes.remove(Secret.hash(code));
    return found != null
            && clock.instant().isBefore(found.end())
            && found.appspace().equals(appspace)
            && found.binding().equals(Secret.hash(nonce))
        ? Optional.of(found.session())
        : Optional.empty();
  }
}
