package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.concurrent.MonotonicClock;
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
 * does not fall asleep. It can still be frozen or stopped for lack of room, or replaced. Each
 * appspace has an allowance of time with claims, so an app cannot stay awake by new claims without
 * end. Thread-safe.
 */
public final class AwakeClaims {
  /** After this time a claim ends by itself. */
  public static final Duration LONGEST = Duration.ofMinutes(10);

  /** The maximum number of simultaneous claims of an appspace. */
  public static final int PER_APPSPACE = 16;

  /** The time for which claims keep an appspace awake, at once and on average of a day. */
  public static final Duration PER_DAY = Duration.ofHours(4);

  private static final long DAY_PER_ALLOWANCE = Duration.ofDays(1).dividedBy(PER_DAY);

  private final InstantSource clock;
  private final InstantSource date;
  private final Map<String, Own> appspaces = new HashMap<>(); // guarded by this

  /** For a clock that also shows the date. */
  public AwakeClaims(InstantSource clock) {
    this(clock, clock);
  }

  /**
   * @param clock measures durations and follows no change of the date, see {@link MonotonicClock}
   * @param date when claims began, as people see it
   */
  public AwakeClaims(InstantSource clock, InstantSource date) {
    this.clock = clock;
    this.date = date;
  }

  /**
   * The claims of one appspace.
   *
   * @param since when the oldest of them began
   */
  public record Awake(int count, Instant since) {}

  /** Begins a claim. Returns its id, or empty if a limit of the appspace refuses it. */
  public synchronized Optional<String> begin(String appspace) {
    Instant now = clock.instant();
    appspaces.values().removeIf(own -> own.isUnusedAt(now));
    Own own = appspaces.computeIfAbsent(appspace, _ -> new Own(now));
    own.settle(now);
    if (own.begun.size() >= PER_APPSPACE || !own.left.isPositive()) {
      return Optional.empty();
    }
    String id = UUID.randomUUID().toString();
    own.begun.put(id, new Claim(now, date.instant()));
    return Optional.of(id);
  }

  /** Ends a claim. Unknown ids are ignored, because a claim may have ended by itself. */
  public synchronized void end(String appspace, String id) {
    Own own = appspaces.get(appspace);
    if (own != null) {
      own.settle(clock.instant());
      own.begun.remove(id);
    }
  }

  /** Ends all claims of an appspace, because its process has ended. */
  synchronized void endAll(String appspace) {
    Own own = appspaces.get(appspace);
    if (own != null) {
      own.settle(clock.instant());
      own.begun.clear();
    }
  }

  /** Returns the claims of an appspace; empty if it has none. */
  public synchronized Optional<Awake> of(String appspace) {
    Own own = appspaces.get(appspace);
    if (own == null) {
      return Optional.empty();
    }
    own.settle(clock.instant());
    return own.begun.values().stream()
        .min(Comparator.comparing(Claim::begun))
        .map(oldest -> new Awake(own.begun.size(), oldest.date()));
  }

  private record Claim(Instant begun, Instant date) {}

  /** The claims and the allowance of one appspace. */
  private static final class Own {
    private final Map<String, Claim> begun = new HashMap<>();
    private Duration left = PER_DAY;
    private Instant settled;

    private Own(Instant now) {
      settled = now;
    }

    /** Charges the time since the last call, and removes claims that ended by themselves. */
    private void settle(Instant now) {
      if (now.isAfter(settled)) {
        Duration awake =
            begun.values().stream()
                .map(Claim::begun)
                .max(Comparator.naturalOrder())
                .map(last -> Duration.between(settled, earlier(now, last.plus(LONGEST))))
                .orElse(Duration.ZERO);
        Duration earned = Duration.between(settled, now).dividedBy(DAY_PER_ALLOWANCE);
        Duration sum = left.minus(awake).plus(earned);
        left = sum.compareTo(PER_DAY) > 0 ? PER_DAY : sum;
        settled = now;
      }
      begun.values().removeIf(each -> !each.begun().plus(LONGEST).isAfter(now));
      if (!left.isPositive()) {
        begun.clear();
      }
    }

    private boolean isUnusedAt(Instant now) {
      settle(now);
      return begun.isEmpty() && left.equals(PER_DAY);
    }

    private static Instant earlier(Instant one, Instant other) {
      return one.isBefore(other) ? one : other;
    }
  }
}
