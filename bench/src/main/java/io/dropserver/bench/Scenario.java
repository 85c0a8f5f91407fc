package io.dropserver.bench;

import java.io.IOException;
import java.util.List;

/** Something worth measuring. */
interface Scenario {

  /** What {@code bin/bench NAME} takes. */
  String name();

  /** One sentence for {@code bin/bench --list}. */
  String question();

  /**
   * Measures, alternating between ours and the peers.
   *
   * @throws IOException when a program cannot be run or the server does not answer
   * @throws InterruptedException when the run is ended from outside
   */
  List<Result> run(Workshop workshop) throws IOException, InterruptedException;
}
