package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Measures a sync without changes, and a sync that adds one appspace among many. */
final class Sync implements Scenario {
  private static final int SMALL = 1_000;
  private static final int LARGE = 10_000;

  /** Number of syncs per round, because a sync without changes takes only milliseconds. */
  private static final int LOOKS = 10;

  private static final double CHANGE_REACH_MILLISECONDS = 1_000;

  @Override
  public String name() {
    return "sync";
  }

  @Override
  public String question() {
    return "what do a sync that finds nothing and one pushed change cost among 1,000 and 10,000"
        + " appspaces?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    Measured small = measure(workshop, SMALL);
    Measured large = measure(workshop, LARGE);
    List<Result> results = new ArrayList<>();
    for (Measured measured : List.of(small, large)) {
      results.add(
          new Result(
              name(),
              measured.noChange,
              List.of(measured.lsRemote),
              "≤ 1 × git ls-remote, flat",
              Optional.of(Result.ratio(measured.noChange, measured.lsRemote) <= 1)));
      results.add(
          new Result(
              name(),
              measured.oneChange,
              List.of(),
              "≤ 1 s",
              Optional.of(measured.oneChange.median() <= CHANGE_REACH_MILLISECONDS)));
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

  private record Measured(Figure noChange, Figure lsRemote, Figure oneChange) {}

  private static Measured measure(Workshop workshop, int size)
      throws IOException, InterruptedException {
    Fleet fleet = Fleet.create(workshop, size);
    List<Double> noChange = new ArrayList<>();
    List<Double> lsRemote = new ArrayList<>();
    List<Double> oneChange = new ArrayList<>();
    try (ServerProcess server =
        ServerProcess.start(workshop, fleet, workshop.folder("state").resolve("d"))) {
      HttpProbe.await(
          HttpProbe.loopback(server.port()), Fleet.host(size - 1), 200, Duration.ofMinutes(5));
      server.sync();
      for (int look = 0; look < LOOKS * workshop.rounds(); look++) {
        noChange.add(Workshop.time(server::sync));
        lsRemote.add(
            Workshop.time(
                () ->
                    workshop.run(
                        workshop.scratch(),
                        "git",
                        "ls-remote",
                        fleet.remote().toString(),
                        "main")));
      }
      for (int round = 0; round < workshop.rounds(); round++) {
        int added = size + round;
        fleet.add(added);
        // Measures from the hook's call until the front door has the route. The sandbox starts on
        // demand.
        oneChange.add(
            Workshop.time(
                () -> {
                  server.sync();
                  server.awaitKnown(Fleet.host(added));
                }));
      }
    }
    String suffix = String.format(" among %,d appspaces", size);
    return new Measured(
        new Figure("dropserver", "no-op sync" + suffix, Unit.MILLISECONDS, noChange),
        new Figure("git ls-remote", "no-op", Unit.MILLISECONDS, lsRemote),
        new Figure("dropserver", "one pushed change" + suffix, Unit.MILLISECONDS, oneChange));
  }
}
