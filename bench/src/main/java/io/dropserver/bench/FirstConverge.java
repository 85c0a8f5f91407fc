package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures the time from an empty instance until every route is served: in a running server from
 * the push that declares the appspaces, and from the start of the process, for the first and a
 * later start.
 */
final class FirstConverge implements Scenario {
  private static final int SMALL = 1_000;
  private static final int LARGE = 10_000;

  @Override
  public String name() {
    return "first-converge";
  }

  @Override
  public String question() {
    return "how long until all of 1,000 and 10,000 declared appspaces are served: after the push,"
        + " and after a start?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    Measured small = measure(workshop, SMALL);
    Measured large = measure(workshop, LARGE);
    System.err.println(
        "bench: first converge "
            + Growth.text(Growth.exponent(SMALL, small.push.median(), LARGE, large.push.median())));
    return List.of(
        result(small.push, 2),
        result(large.push, 10),
        result(small.restart, 2),
        seen(small.empty),
        seen(large.empty),
        seen(large.restart));
  }

  private record Measured(Figure push, Figure empty, Figure restart) {}

  private Result result(Figure figure, int reachSeconds) {
    return new Result(
        name(),
        figure,
        List.of(),
        "≤ " + reachSeconds + " s",
        Optional.of(figure.median() <= reachSeconds * 1_000.0));
  }

  private Result seen(Figure figure) {
    return new Result(name(), figure, List.of(), "–", Optional.empty());
  }

  private static Measured measure(Workshop workshop, int size)
      throws IOException, InterruptedException {
    List<Double> push = new ArrayList<>();
    List<Double> empty = new ArrayList<>();
    List<Double> restart = new ArrayList<>();
    int rounds = Math.max(1, workshop.rounds() / 2);
    for (int round = 0; round < rounds; round++) {
      Fleet fleet = Fleet.create(workshop, 0);
      try (ServerProcess server =
          ServerProcess.start(workshop, fleet, workshop.folder("state").resolve("d"))) {
        server.sync();
        Fleet grown = fleet.grow(size);
        push.add(
            Workshop.time(
                () -> {
                  server.sync();
                  awaitAll(server, grown);
                }));
        fleet = grown;
      }
      Path state = workshop.folder("state").resolve("d");
      empty.add(startToServing(workshop, fleet, state));
      restart.add(startToServing(workshop, fleet, state));
    }
    String suffix = String.format(", %,d appspaces", size);
    return new Measured(
        figure("push to all routes" + suffix, push),
        figure("process start to all routes, from empty" + suffix, empty),
        figure("process start to all routes, restart" + suffix, restart));
  }

  private static Figure figure(String what, List<Double> times) {
    return new Figure("dropserver", what, Unit.MILLISECONDS, times);
  }

  private static double startToServing(Workshop workshop, Fleet fleet, Path state)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (ServerProcess server = ServerProcess.start(workshop, fleet, state)) {
      awaitAll(server, fleet);
      return (System.nanoTime() - start) / 1e6;
    }
  }

  private static void awaitAll(ServerProcess server, Fleet fleet)
      throws IOException, InterruptedException {
    for (int i = 0; i < fleet.size(); i += Math.max(1, fleet.size() / 50)) {
      server.awaitKnown(Fleet.host(i));
    }
    server.awaitKnown(Fleet.host(fleet.size() - 1));
  }
}
