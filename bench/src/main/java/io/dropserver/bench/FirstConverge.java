package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures the time until every route is served: from the push that declares the appspaces to a
 * running server, and from the start of the process, for a first and a later start.
 */
final class FirstConverge implements Scenario {
  private static final int SMALL = 1_000;
  private static final int LARGE = 10_000;

  @Override
  public String name() {
    return "first-converge";
  }

  @Override
  public String description() {
    return "how long until all of 1,000 and 10,000 declared appspaces are served: after the push,"
        + " and after a start?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    ConvergeTimes small = measure(benchEnvironment, SMALL);
    ConvergeTimes large = measure(benchEnvironment, LARGE);
    System.err.println(
        "bench: first converge "
            + Growth.text(Growth.exponent(SMALL, small.push.median(), LARGE, large.push.median())));
    return List.of(
        result(small.push, 2),
        result(large.push, 10),
        result(small.answer, 1),
        result(large.answer, 1),
        withoutTarget(small.serving),
        withoutTarget(large.serving),
        result(small.restart, 2),
        withoutTarget(small.empty),
        withoutTarget(large.empty),
        withoutTarget(large.restart));
  }

  /**
   * @param answer until a request for an appspace is answered as in service
   * @param serving until the server reports that it serves and commands work
   */
  private record ConvergeTimes(
      Measurement push,
      Measurement empty,
      Measurement answer,
      Measurement serving,
      Measurement restart) {}

  private ScenarioResult result(Measurement measurement, int reachSeconds) {
    return new ScenarioResult(
        name(),
        measurement,
        List.of(),
        "≤ " + reachSeconds + " s",
        Optional.of(measurement.median() <= reachSeconds * 1_000.0));
  }

  private ScenarioResult withoutTarget(Measurement measurement) {
    return new ScenarioResult(name(), measurement, List.of(), "–", Optional.empty());
  }

  private static ConvergeTimes measure(BenchEnvironment benchEnvironment, int size)
      throws IOException, InterruptedException {
    List<Double> push = new ArrayList<>();
    List<Double> empty = new ArrayList<>();
    List<Double> answer = new ArrayList<>();
    List<Double> serving = new ArrayList<>();
    List<Double> restart = new ArrayList<>();
    int rounds = Math.max(1, benchEnvironment.rounds() / 2);
    for (int round = 0; round < rounds; round++) {
      BenchInstance benchInstance = BenchInstance.create(benchEnvironment, 0);
      try (BenchServer server =
          BenchServer.start(
              benchEnvironment, benchInstance, benchEnvironment.folder("state").resolve("d"))) {
        server.sync();
        BenchInstance grown = benchInstance.grow(size);
        push.add(
            BenchEnvironment.time(
                () -> {
                  server.sync();
                  awaitAll(server, grown);
                }));
        benchInstance = grown;
      }
      Path state = benchEnvironment.folder("state").resolve("d");
      empty.add(startToServing(benchEnvironment, benchInstance, state));
      restart(benchEnvironment, benchInstance, state, answer, serving, restart);
    }
    String suffix = String.format(", %,d appspaces", size);
    return new ConvergeTimes(
        figure("push to all routes" + suffix, push),
        figure("process start to all routes, from empty" + suffix, empty),
        figure("process start to first answer, restart" + suffix, answer),
        figure("process start to serving, restart" + suffix, serving),
        figure("process start to all routes, restart" + suffix, restart));
  }

  private static Measurement figure(String what, List<Double> times) {
    return new Measurement("dropserver", what, Unit.MILLISECONDS, times);
  }

  private static double startToServing(
      BenchEnvironment benchEnvironment, BenchInstance benchInstance, Path state)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (BenchServer server = BenchServer.start(benchEnvironment, benchInstance, state)) {
      awaitAll(server, benchInstance);
      return (System.nanoTime() - start) / 1e6;
    }
  }

  private static void restart(
      BenchEnvironment benchEnvironment,
      BenchInstance benchInstance,
      Path state,
      List<Double> answer,
      List<Double> serving,
      List<Double> restart)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (BenchServer server =
        BenchServer.launch(List.of(), benchEnvironment, benchInstance, state)) {
      server.awaitRoute(BenchInstance.host(benchInstance.size() - 1));
      answer.add((System.nanoTime() - start) / 1e6);
      server.awaitServing();
      serving.add((System.nanoTime() - start) / 1e6);
      awaitAll(server, benchInstance);
      restart.add((System.nanoTime() - start) / 1e6);
    }
  }

  private static void awaitAll(BenchServer server, BenchInstance benchInstance)
      throws IOException, InterruptedException {
    for (int i = 0; i < benchInstance.size(); i += Math.max(1, benchInstance.size() / 50)) {
      server.awaitRoute(BenchInstance.host(i));
    }
    server.awaitRoute(BenchInstance.host(benchInstance.size() - 1));
  }
}
