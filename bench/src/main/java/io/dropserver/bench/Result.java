package io.dropserver.bench;

import java.util.List;
import java.util.Optional;

/**
 * One row of the table.
 *
 * @param ours what Dropserver did
 * @param peers what was measured beside it, in the same run; may be empty
 * @param reach the number to reach, in words, as in the design
 * @param met whether it was reached; empty where the design names none
 */
record Result(
    String scenario, Figure ours, List<Figure> peers, String reach, Optional<Boolean> met) {

  /** Ours as a multiple of the peer's median. */
  static double ratio(Figure ours, Figure peer) {
    return ours.median() / peer.median();
  }
}
