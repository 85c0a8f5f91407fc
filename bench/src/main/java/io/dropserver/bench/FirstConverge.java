package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From an empty state folder to every route serving, and the start after that. */
final class FirstConverge implements Scenario {
  private static final int SMALL = 1_000;
  private static final int LARGE = 10_000;

  @Override
  public String name() {
    return "first-converge";
  }

  @Override
  public String question() {
    return "how long until all of 1,000 and 10,000 declared appspaces are served, from empty and at"
        + " a restart?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    List<Result> results = new ArrayList<>();
    results.addAll(measure(workshop, SMALL, 2_000));
    results.addAll(measure(workshop, LARGE, 10_000));
    System.err.println(
        "bench: first converge "
            + Growth.text(
                Growth.exponent(
                    SMALL, results.get(0).ours().median(), LARGE, results.get(2).ours().median())));
    return results;
  }

  private List<Result> measure(Workshop workshop, int size, double reachMilliseconds)
      throws IOException, InterruptedException {
    Fleet fleet = Fleet.create(workshop, size);
    List<Double> first = new ArrayList<>();
    List<Double> restart = new ArrayList<>();
    int rounds = Math.max(1, workshop.rounds() / 2);
    for (int round = 0; round < rounds; round++) {
      Path state = workshop.folder("state").resolve("d");
      first.add(startToServing(workshop, fleet, state));
      restart.add(startToServing(workshop, fleet, state));
    }
    String suffix = String.format(", %,d appspaces", size);
    Figure fromEmpty =
        new Figure(
            "dropserver",
            "process start to all routes, from empty" + suffix,
            Unit.MILLISECONDS,
            first);
    Figure again =
        new Figure(
            "dropserver",
            "process start to all routes, restart" + suffix,
            Unit.MILLISECONDS,
            restart);
    return List.of(
        new Result(
            name(),
            fromEmpty,
            List.of(),
            String.format("≤ %.0f s", reachMilliseconds / 1000),
            Optional.of(fromEmpty.median() <= reachMilliseconds)),
        new Result(
            name(),
            again,
            List.of(),
            size == SMALL ? "≤ 2 s" : "–",
            size == SMALL ? Optional.of(again.median() <= reachMilliseconds) : Optional.empty()));
  }

  private static double startToServing(Workshop workshop, Fleet fleet, Path state)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (ServerProcess server = ServerProcess.start(workshop, fleet, state)) {
      for (int i = 0; i < fleet.size(); i += Math.max(1, fleet.size() / 50)) {
        server.awaitKnown(Fleet.host(i));
      }
      server.awaitKnown(Fleet.host(fleet.size() - 1));
      return (System.nanoTime() - start) / 1e6;
    }
  }
}
