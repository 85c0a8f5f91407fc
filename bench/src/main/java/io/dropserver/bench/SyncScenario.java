package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Measures a sync without changes, and a sync that adds one appspace among many. */
final class SyncScenario implements Scenario {
  private static final int SMALL = 1_000;
  private static final int LARGE = 10_000;

  /** Number of syncs per round, because a sync without changes takes only milliseconds. */
  private static final int SYNCS_PER_ROUND = 10;

  private static final double CHANGE_REACH_MILLISECONDS = 1_000;

  @Override
  public String name() {
    return "sync";
  }

  @Override
  public String description() {
    return "how long do a sync without changes and one pushed change take with 1,000 and 10,000"
        + " appspaces?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    SyncTimes small = measure(benchEnvironment, SMALL);
    SyncTimes large = measure(benchEnvironment, LARGE);
    List<ScenarioResult> results = new ArrayList<>();
    for (SyncTimes syncTimes : List.of(small, large)) {
      results.add(
          new ScenarioResult(
              name(),
              syncTimes.noChange,
              List.of(syncTimes.lsRemote),
              "≤ 1 × git ls-remote, flat",
              Optional.of(ScenarioResult.ratio(syncTimes.noChange, syncTimes.lsRemote) <= 1)));
      results.add(
          new ScenarioResult(
              name(),
              syncTimes.oneChange,
              List.of(),
              "≤ 1 s",
              Optional.of(syncTimes.oneChange.median() <= CHANGE_REACH_MILLISECONDS)));
    }
    double exponent =
        Growth.exponent(SMALL, small.noChange.median(), LARGE, large.noChange.median());
    System.err.println("bench: no-op sync " + Growth.text(exponent));
    System.err.println(
        "bench: one change "
            + Growth.text(
                Growth.exponent(SMALL, small.oneChange.median(), LARGE, large.oneChange.median())));
    return results;
  }

  private record SyncTimes(Measurement noChange, Measurement lsRemote, Measurement oneChange) {}

  private static SyncTimes measure(BenchEnvironment benchEnvironment, int size)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = BenchInstance.create(benchEnvironment, size);
    List<Double> noChange = new ArrayList<>();
    List<Double> lsRemote = new ArrayList<>();
    List<Double> oneChange = new ArrayList<>();
    try (BenchServer server =
        BenchServer.start(
            benchEnvironment, benchInstance, benchEnvironment.folder("state").resolve("d"))) {
      HttpProbe.await(
          HttpProbe.loopback(server.port()),
          BenchInstance.host(size - 1),
          200,
          Duration.ofMinutes(5));
      server.sync();
      for (int look = 0; look < SYNCS_PER_ROUND * benchEnvironment.rounds(); look++) {
        noChange.add(BenchEnvironment.time(server::sync));
        lsRemote.add(
            BenchEnvironment.time(
                () ->
                    benchEnvironment.run(
                        benchEnvironment.scratch(),
                        "git",
                        "ls-remote",
                        benchInstance.remote().toString(),
                        "main")));
      }
      for (int round = 0; round < benchEnvironment.rounds(); round++) {
        int added = size + round;
        benchInstance.add(added);
        // Measures from the hook's call until the front door has the route. The sandbox starts on
        // demand.
        oneChange.add(
            BenchEnvironment.time(
                () -> {
                  server.sync();
                  server.awaitRoute(BenchInstance.host(added));
                }));
      }
    }
    String suffix = String.format(" among %,d appspaces", size);
    return new SyncTimes(
        new Measurement("dropserver", "no-op sync" + suffix, Unit.MILLISECONDS, noChange),
        new Measurement("git ls-remote", "no-op", Unit.MILLISECONDS, lsRemote),
        new Measurement("dropserver", "one pushed change" + suffix, Unit.MILLISECONDS, oneChange));
  }
}
