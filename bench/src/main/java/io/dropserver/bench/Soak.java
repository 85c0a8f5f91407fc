package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Runs hostile appspaces for a long time, and measures the resources that remain when they have
 * stopped.
 */
final class Soak implements Scenario {
  private static final Duration SETTLE = Duration.ofSeconds(90);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Override
  public String name() {
    return "soak";
  }

  @Override
  public String description() {
    return "what is left over after --minutes among hostile appspaces?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance =
        BenchInstance.createHostile(benchEnvironment, NoisyNeighbours.HOSTILE);
    Path state = benchEnvironment.folder("state").resolve("d");
    List<Double> memory = new ArrayList<>();
    HostResources running;
    HostResources before;
    try (BenchServer server = BenchServer.start(benchEnvironment, benchInstance, state)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, BenchInstance.host(0), 200, Duration.ofMinutes(2));
      server.awaitRoute(BenchInstance.host(NoisyNeighbours.HOSTILE));
      HostResources rest = HostResources.of(server.pid(), state);
      // One warm-up, so that resources of the first start are already allocated.
      attack(benchEnvironment, server, front, Duration.ofSeconds(20), memory);
      before = HostResources.awaitIdle(server.pid(), state, rest, SETTLE);
      attack(
          benchEnvironment, server, front, MINUTE.multipliedBy(benchEnvironment.minutes()), memory);
      running = HostResources.awaitIdle(server.pid(), state, before, SETTLE);
    }
    HostResources stopped = HostResources.of(0, state);
    System.err.println("soak: before " + before);
    System.err.println("soak: after  " + running);
    System.err.println("soak: server stopped " + stopped);
    double left = running.increaseSince(before) + stopped.total();
    return List.of(
        new ScenarioResult(
            name(),
            new Measurement("dropserver", "left over of all kinds", Unit.PIECES, List.of(left)),
            List.of(),
            "0",
            Optional.of(left == 0)),
        new ScenarioResult(
            name(),
            new Measurement("dropserver", "server during the soak", Unit.MEBIBYTES, memory),
            List.of(),
            "–",
            Optional.empty()));
  }

  private static void attack(
      BenchEnvironment benchEnvironment,
      BenchServer server,
      SocketAddress front,
      Duration time,
      List<Double> memory)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    try (HostileClients clients =
        HostileClients.start(benchEnvironment, front, 1, NoisyNeighbours.HOSTILE)) {
      clients.awaitAttacks(Duration.ofMinutes(2));
      while (System.nanoTime() < end) {
        Thread.sleep(Duration.ofSeconds(5));
        memory.add(server.residentMebibytes());
      }
    }
  }
}
