package io.dropserver.web.identity;

import io.dropserver.base.budget.Budget;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Issues one-time codes that transfer a session from the shell's host to an appspace's host. A code
 * is valid for 30 s, for one appspace, and only in the browser with the nonce to which it is bound.
 * Thread-safe.
 */
final class HandOverCodes {
  private static final Duration LIFETIME = Duration.ofSeconds(30);

  /** The limit of unused codes per user. No person opens this many appspaces within 30 s. */
  static final int MAX_PER_USER = 200;

  /** The limit of unused codes of all users together. */
  static final int MAX_TOTAL = 5_000;

  /**
   * The format of {@link RandomSecret#hash} of the browser's nonce. Other bindings are rejected.
   */
  private static final Pattern BINDING = Pattern.compile("[0-9a-f]{64}");

  private final InstantSource clock;
  private final Budget<String> unused = new Budget<>(MAX_TOTAL, MAX_PER_USER);
  private final Map<String, Code> codes = new ConcurrentHashMap<>();

  private record Code(
      Session session, String appspace, String binding, Instant end, Budget<String>.Claim claim) {}

  /**
   * @param clock measures durations and follows no change of the date
   */
  HandOverCodes(InstantSource clock) {
    this.clock = clock;
  }

  /**
   * Issues a code.
   *
   * @param appspace the identity of the appspace
   * @param binding the hash of the browser's nonce
   * @return the code; empty when {@code binding} has another format, or a limit is reached
   */
  Optional<String> issue(Session session, String appspace, String binding) {
    if (!BINDING.matcher(binding).matches()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    removeExpired(now);
    return unused
        .claim(session.user(), 1)
        .map(claim -> keep(new Code(session, appspace, binding, now.plus(LIFETIME), claim)));
  }

  private void removeExpired(Instant now) {
    codes.forEach(
        (hash, code) -> {
          if (!now.isBefore(code.end()) && codes.remove(hash, code)) {
            code.claim().close();
          }
        });
  }

  private String keep(Code kept) {
    String code = RandomSecret.generate();
    codes.put(RandomSecret.hash(code), kept);
    return code;
  }

  /**
   * Invalidates a code. Returns its session if the code has not expired, and the appspace and the
   * nonce match.
   */
  Optional<Session> redeem(String code, String appspace, String nonce) {
    @Nullable Code found = codes.remove(RandomSecret.hash(code));
    if (found != null) {
      found.claim().close();
    }
    return found != null
            && clock.instant().isBefore(found.end())
            && found.appspace().equals(appspace)
            && found.binding().equals(RandomSecret.hash(nonce))
        ? Optional.of(found.session())
        : Optional.empty();
  }
}
