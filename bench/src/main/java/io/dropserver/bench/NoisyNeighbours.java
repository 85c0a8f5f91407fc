package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Measures the latency of a quiet appspace alone, and beside ten that attack the machine's
 * resources.
 */
final class NoisyNeighbours implements Scenario {
  static final int HOSTILE = 10;
  private static final double SERVER_REACH_MEBIBYTES = 512;
  private static final Duration MEASURED = Duration.ofSeconds(10);
  private static final Duration APART = Duration.ofMillis(5);
  private static final Duration COMPILED = Duration.ofSeconds(60);
  private static final Duration CALM = Duration.ofSeconds(5);

  @Override
  public String name() {
    return "neighbours";
  }

  @Override
  public String description() {
    return "how much do ten hostile neighbours slow a quiet appspace's slowest requests?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    int rounds = benchEnvironment.rounds();
    BenchInstance benchInstance =
        BenchInstance.createHostile(benchEnvironment, HOSTILE * (1 + rounds));
    Path state = benchEnvironment.folder("state").resolve("d");
    List<Double> alone = new ArrayList<>();
    List<Double> beside = new ArrayList<>();
    List<Double> memory = new ArrayList<>();
    try (BenchServer server = BenchServer.start(benchEnvironment, benchInstance, state)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, BenchInstance.host(0), 200, Duration.ofMinutes(2));
      server.awaitRoute(BenchInstance.host(HOSTILE * (1 + rounds)));
      warmUp(benchEnvironment, front);
      for (int round = 1; round <= rounds; round++) {
        alone.add(percentile99(front));
        // Use other appspaces than in the previous round, because the restart delay of an appspace
        // grows with its crashes.
        int first = 1 + round * HOSTILE;
        try (HostileClients clients =
            HostileClients.start(benchEnvironment, front, first, HOSTILE)) {
          clients.awaitAttacks(Duration.ofMinutes(2));
          beside.add(percentile99(front));
          memory.add(server.residentMebibytes());
        }
        // The last attacks may continue for a while.
        Thread.sleep(CALM);
      }
    }
    return results(alone, beside, memory);
  }

  private List<ScenarioResult> results(
      List<Double> alone, List<Double> beside, List<Double> memory) {
    Measurement ours =
        new Measurement(
            "dropserver", "p99 beside ten hostile neighbours", Unit.MILLISECONDS, beside);
    Measurement peer = new Measurement("alone", "p99", Unit.MILLISECONDS, alone);
    Measurement resident =
        new Measurement("dropserver", "server among hostile appspaces", Unit.MEBIBYTES, memory);
    return List.of(
        new ScenarioResult(name(), ours, List.of(peer), "–", Optional.empty()),
        new ScenarioResult(
            name(),
            resident,
            List.of(),
            "≤ 512 MiB",
            Optional.of(resident.maximum() <= SERVER_REACH_MEBIBYTES)));
  }

  /**
   * Runs attacks for a minute before the measurement, because a JVM that has just started still
   * compiles code.
   */
  private static void warmUp(BenchEnvironment benchEnvironment, SocketAddress front)
      throws IOException, InterruptedException {
    try (HostileClients clients = HostileClients.start(benchEnvironment, front, 1, HOSTILE)) {
      clients.awaitAttacks(Duration.ofMinutes(2));
      long end = System.nanoTime() + COMPILED.toNanos();
      while (System.nanoTime() < end) {
        percentile99(front);
      }
    }
    Thread.sleep(CALM);
  }

  /** Returns the 99th percentile of sequential requests, each on a new connection. */
  private static double percentile99(SocketAddress front) throws IOException, InterruptedException {
    List<Double> times = new ArrayList<>();
    long end = System.nanoTime() + MEASURED.toNanos();
    while (System.nanoTime() < end) {
      times.add(HttpProbe.timeToFirstByte(front, BenchInstance.host(0)));
      Thread.sleep(APART);
    }
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[(int) (sorted.length * 0.99)];
  }
}
