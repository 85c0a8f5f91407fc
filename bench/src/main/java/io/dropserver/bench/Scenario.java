package io.dropserver.bench;

import java.io.IOException;
import java.util.List;

/** One benchmark of {@code bin/bench}. */
interface Scenario {

  /** Returns the name for {@code bin/bench NAME}. */
  String name();

  /** Returns one sentence for {@code bin/bench --list}. */
  String description();

  /**
   * Measures Dropserver and the peers in turn.
   *
   * @throws IOException if a program cannot be run or the server does not respond
   * @throws InterruptedException if the run is interrupted
   */
  List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException;
}
