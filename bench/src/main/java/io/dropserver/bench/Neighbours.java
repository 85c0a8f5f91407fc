package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Measures a quiet appspace alone, and beside ten that attack the machine's resources. */
final class Neighbours implements Scenario {
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
  public String question() {
    return "what do ten hostile neighbours cost a quiet appspace's slowest requests?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    int rounds = workshop.rounds();
    Fleet fleet = Fleet.createHostile(workshop, HOSTILE * (1 + rounds));
    Path state = workshop.folder("state").resolve("d");
    List<Double> alone = new ArrayList<>();
    List<Double> beside = new ArrayList<>();
    List<Double> memory = new ArrayList<>();
    try (ServerProcess server = ServerProcess.start(workshop, fleet, state)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, Fleet.host(0), 200, Duration.ofMinutes(2));
      server.awaitKnown(Fleet.host(HOSTILE * (1 + rounds)));
      warmUp(workshop, front);
      for (int round = 1; round <= rounds; round++) {
        alone.add(slowest(front));
        // Use other appspaces than in the last round, because the restart delay of an appspace
        // grows with its crashes.
        int first = 1 + round * HOSTILE;
        try (HostileClients clients = HostileClients.start(workshop, front, first, HOSTILE)) {
          clients.awaitSomeDone(Duration.ofMinutes(2));
          beside.add(slowest(front));
          memory.add(server.residentMebibytes());
        }
        // The last attacks may continue for a while.
        Thread.sleep(CALM);
      }
    }
    return results(alone, beside, memory);
  }

  private List<Result> results(List<Double> alone, List<Double> beside, List<Double> memory) {
    Figure ours =
        new Figure("dropserver", "p99 beside ten hostile neighbours", Unit.MILLISECONDS, beside);
    Figure peer = new Figure("alone", "p99", Unit.MILLISECONDS, alone);
    Figure resident =
        new Figure("dropserver", "server among hostile appspaces", Unit.MEBIBYTES, memory);
    return List.of(
        new Result(name(), ours, List.of(peer), "–", Optional.empty()),
        new Result(
            name(),
            resident,
            List.of(),
            "≤ 512 MiB",
            Optional.of(resident.maximum() <= SERVER_REACH_MEBIBYTES)));
  }

  /**
   * A JVM that has just started compiles code on first use, so run each kind of attack once before
   * measuring.
   */
  private static void warmUp(Workshop workshop, SocketAddress front)
      throws IOException, InterruptedException {
    try (HostileClients clients = HostileClients.start(workshop, front, 1, HOSTILE)) {
      clients.awaitSomeDone(Duration.ofMinutes(2));
      long end = System.nanoTime() + COMPILED.toNanos();
      while (System.nanoTime() < end) {
        slowest(front);
      }
    }
    Thread.sleep(CALM);
  }

  /** Returns the 99th percentile of sequential requests, each on a new connection. */
  private static double slowest(SocketAddress front) throws IOException, InterruptedException {
    List<Double> times = new ArrayList<>();
    long end = System.nanoTime() + MEASURED.toNanos();
    while (System.nanoTime() < end) {
      times.add(HttpProbe.timeToFirstByte(front, Fleet.host(0)));
      Thread.sleep(APART);
    }
    double[] sorted = times.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted[(int) (sorted.length * 0.99)];
  }
}
