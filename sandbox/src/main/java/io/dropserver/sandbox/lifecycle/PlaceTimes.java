package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.LeaseCaller.Kind;
import java.time.Duration;

/** For how long leases keep the place of their sandbox while another appspace waits for it. */
final class PlaceTimes {
  /** Visitors: while their client and their place have allowance left. */
  static final Duration VISITOR = Duration.ofSeconds(10);

  /** Visitors without allowance. Without this time, two of them would only start and stop. */
  static final Duration VISITOR_WITHOUT_ALLOWANCE = Duration.ofSeconds(1);

  static final Duration JOB = Duration.ofMinutes(1);

  /** Members, if upgrades or members wait. */
  static final Duration MEMBER = Duration.ofMinutes(1);

  /** Members, if jobs or visitors wait. */
  static final Duration MEMBER_BEFORE_OTHERS = Duration.ofMinutes(10);

  private PlaceTimes() {}

  /**
   * Returns for how long a lease of one kind keeps its place.
   *
   * @param waiting the kind that waits for a place
   * @param hasAllowance whether a visitor has allowance left, see {@link VisitorTime}
   */
  static Duration kept(Kind holding, Kind waiting, boolean hasAllowance) {
    return switch (holding) {
      case VISITOR -> hasAllowance ? VISITOR : VISITOR_WITHOUT_ALLOWANCE;
      case JOB -> JOB;
      case MEMBER, MAINTENANCE -> Kind.MEMBER.isBefore(waiting) ? MEMBER_BEFORE_OTHERS : MEMBER;
      case BACKGROUND -> Duration.ZERO;
    };
  }
}
