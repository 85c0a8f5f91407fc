package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Scanner;

/**
 * Measures the latency of a quiet appspace alone, and beside each attack on resources that all
 * appspaces share.
 */
final class Fairness implements Scenario {
  private static final double P99_MILLISECONDS = 50;
  private static final double SLOWEST_MILLISECONDS = 1000;
  private static final Duration MEASURED = Duration.ofSeconds(10);
  private static final Duration WARM_UP = Duration.ofSeconds(20);
  private static final Duration READY = Duration.ofMinutes(2);
  private static final Duration CALM = Duration.ofSeconds(2);
  private static final Duration CALM_LIMIT = Duration.ofMinutes(1);

  private static final String LIMIT = "Max open files";

  private static final int HALF_HEADS = 20_000;

  /** The number of descriptors of this process that an attack leaves free. */
  private static final int RESERVED_DESCRIPTORS = 500;

  /** The p99 latency and the slowest request of each round, in milliseconds. */
  private record FairnessSamples(List<Double> p99, List<Double> slowest) {
    FairnessSamples() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    void add(List<Double> times) {
      p99.add(OpenLoopClient.percentile99(times));
      slowest.add(times.getLast());
    }
  }

  @Override
  public String name() {
    return "fairness";
  }

  @Override
  public String description() {
    return "how much do attacks on shared resources slow a quiet appspace's slowest requests?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = GreedyInstance.create(benchEnvironment);
    Path state = benchEnvironment.folder("state").resolve("d");
    Optional<DeadNameServer> names = DeadNameServer.open(benchEnvironment);
    int halfHeads = Math.min(HALF_HEADS, descriptors(benchEnvironment) - RESERVED_DESCRIPTORS);
    // The server gets no more descriptors than there are half-sent heads: with more, the attack
    // could not exhaust them.
    List<String> prefix = new ArrayList<>(List.of("prlimit", "--nofile=" + halfHeads));
    names.map(DeadNameServer::prefix).ifPresent(prefix::addAll);
    FairnessSamples alone = new FairnessSamples();
    Map<String, FairnessSamples> beside = new LinkedHashMap<>();
    try (BenchServer server =
        BenchServer.startWithPrefix(prefix, benchEnvironment, benchInstance, state)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      awaitReady(server, front);
      List<Attack> attacks = Attack.all(names.isPresent(), halfHeads);
      visit(front, WARM_UP);
      for (int round = 0; round < benchEnvironment.rounds(); round++) {
        alone.add(visit(front, MEASURED));
        for (Attack attack : attacks) {
          System.err.println("bench: beside " + attack.name());
          measure(
              attack, front, beside.computeIfAbsent(attack.name(), name -> new FairnessSamples()));
        }
      }
    } finally {
      names.ifPresent(DeadNameServer::close);
    }
    return results(alone, beside);
  }

  private static void awaitReady(BenchServer server, SocketAddress front)
      throws IOException, InterruptedException {
    HttpProbe.await(front, BenchInstance.host(0), 200, READY);
    for (int i = 1; i <= Attack.APPSPACES; i++) {
      server.awaitRoute(BenchInstance.host(i));
      HttpProbe.await(front, BenchInstance.host(i), 200, READY);
    }
  }

  private static void measure(Attack attack, SocketAddress front, FairnessSamples fairnessSamples)
      throws IOException, InterruptedException {
    List<Double> times;
    Attack.RunningAttack runningAttack = attack.start().against(front);
    try (runningAttack) {
      runningAttack.awaitStrength();
      times = visit(front, MEASURED);
    }
    System.err.printf(
        "bench:   p99 %.0f ms, slowest %.0f ms, %d requests, attack %d%n",
        OpenLoopClient.percentile99(times), times.getLast(), times.size(), runningAttack.done());
    if (runningAttack.done() == 0) {
      System.err.println("bench:   not counted: the attack was not carried out");
    } else {
      fairnessSamples.add(times);
    }
    awaitCalm(front);
  }

  /**
   * Blocks until requests are fast again, or for {@link #CALM_LIMIT}. Connections and lookups of
   * the last attack may outlast it.
   */
  private static void awaitCalm(SocketAddress front) throws InterruptedException {
    long end = System.nanoTime() + CALM_LIMIT.toNanos();
    while (visit(front, CALM).getLast() > SLOWEST_MILLISECONDS && System.nanoTime() < end) {
      System.err.println("bench:   waiting for the server to recover");
    }
  }

  private static List<Double> visit(SocketAddress front, Duration duration)
      throws InterruptedException {
    return OpenLoopClient.visit(front, BenchInstance.host(0), duration);
  }

  private List<ScenarioResult> results(FairnessSamples alone, Map<String, FairnessSamples> beside) {
    List<ScenarioResult> results = new ArrayList<>();
    beside.values().removeIf(fairnessSamples -> fairnessSamples.p99().isEmpty());
    beside.forEach(
        (attack, fairnessSamples) -> {
          results.add(
              result(
                  "p99 beside " + attack,
                  fairnessSamples.p99(),
                  "p99",
                  alone.p99(),
                  P99_MILLISECONDS));
          results.add(
              result(
                  "slowest beside " + attack,
                  fairnessSamples.slowest(),
                  "slowest",
                  alone.slowest(),
                  SLOWEST_MILLISECONDS));
        });
    return results;
  }

  private ScenarioResult result(
      String what, List<Double> beside, String alone, List<Double> aloneTimes, double reach) {
    Measurement ours = new Measurement("dropserver", what, Unit.MILLISECONDS, beside);
    Measurement peer = new Measurement("alone", alone, Unit.MILLISECONDS, aloneTimes);
    // Over all rounds, reports the median of the p99 latencies and the maximum of the slowest
    // requests.
    boolean met = (reach == P99_MILLISECONDS ? ours.median() : ours.maximum()) <= reach;
    return new ScenarioResult(
        name(), ours, List.of(peer), String.format("≤ %,.0f ms", reach), Optional.of(met));
  }

  /** Raises this process's descriptor limit, if permitted, and returns the limit. */
  private static int descriptors(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    String process = Long.toString(ProcessHandle.current().pid());
    // Fails if the user may not raise the limit. In that case there are fewer connections.
    benchEnvironment.runUnchecked(
        benchEnvironment.scratch(), "prlimit", "--pid", process, "--nofile=32768:32768");
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith(LIMIT))
        .mapToInt(line -> new Scanner(line.substring(LIMIT.length())).nextInt())
        .findFirst()
        .orElseThrow();
  }
}
