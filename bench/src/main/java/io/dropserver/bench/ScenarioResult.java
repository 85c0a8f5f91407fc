package io.dropserver.bench;

import java.util.List;
import java.util.Optional;

/**
 * One row of the table.
 *
 * @param ours the figure of Dropserver
 * @param peers the figures of the peers from the same run; may be empty
 * @param target the goal in words, such as {@code ≤ 1 s}; empty without a goal
 * @param met whether the goal was reached; empty without a goal
 */
record ScenarioResult(
    String scenario,
    Measurement ours,
    List<Measurement> peers,
    String target,
    Optional<Boolean> met) {

  /** Returns the figure as a multiple of the peer's median. */
  static double ratio(Measurement ours, Measurement peer) {
    return ours.median() / peer.median();
  }
}
