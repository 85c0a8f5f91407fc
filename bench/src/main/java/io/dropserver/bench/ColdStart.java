package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures the time from a request to the first byte through the front door, for appspaces that are
 * asleep, prepared, stopped or new, in comparison with a plain Deno on a Unix socket. The
 * measurements are some seconds apart, as visits are: caches of the processor and the kernel are
 * not warm.
 */
final class ColdStart implements Scenario {
  private static final double REACH = 1.5;
  private static final double PREPARED_REACH = 1.2;
  private static final double ASLEEP_MILLIS = 5;
  private static final int STARTS_PER_ROUND = 3;
  private static final Duration SPACING = Duration.ofMillis(2500);

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String description() {
    return "how long does the first request to an appspace take that is asleep, prepared, stopped"
        + " or new?";
  }

  /** The first bytes of one server, in milliseconds. */
  private record FirstBytes(
      List<Double> ever, List<Double> asleep, List<Double> stopped, List<Double> bare) {
    FirstBytes() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    Measurement stopped(String name) {
      return new Measurement("dropserver", name, Unit.MILLISECONDS, stopped);
    }

    Measurement peer() {
      return new Measurement("bare deno run", "spawn to first byte", Unit.MILLISECONDS, bare);
    }
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    int starts = benchEnvironment.rounds() * STARTS_PER_ROUND;
    BenchInstance benchInstance = BenchInstance.createShortIdle(benchEnvironment, starts + 2);
    BareDeno deno = BareDeno.install(benchEnvironment, benchEnvironment.folder("bare"));
    FirstBytes plain = measure(benchEnvironment, benchInstance, deno, 0);
    FirstBytes ahead = measure(benchEnvironment, benchInstance, deno, starts);
    Measurement asleep =
        new Measurement(
            "dropserver", "asleep, request to first byte", Unit.MILLISECONDS, plain.asleep());
    Measurement ever =
        new Measurement(
            "dropserver", "first start, which creates the volume", Unit.MILLISECONDS, plain.ever());
    return List.of(
        new ScenarioResult(
            name(), asleep, List.of(), "≤ 5 ms", Optional.of(asleep.median() <= ASLEEP_MILLIS)),
        compared(
            ahead.stopped("prepared start, request to first byte"), ahead.peer(), PREPARED_REACH),
        compared(plain.stopped("cold start, request to first byte"), plain.peer(), REACH),
        new ScenarioResult(name(), ever, List.of(), "–", Optional.empty()));
  }

  private ScenarioResult compared(Measurement ours, Measurement peer, double reach) {
    return new ScenarioResult(
        name(),
        ours,
        List.of(peer),
        "≤ " + reach + " × bare Deno",
        Optional.of(ScenarioResult.ratio(ours, peer) <= reach));
  }

  /**
   * Opens appspaces, lets them stop, and opens them again in turn with the peer.
   *
   * @param prepared the number of appspaces whose start the server prepares
   */
  private static FirstBytes measure(
      BenchEnvironment benchEnvironment, BenchInstance benchInstance, BareDeno deno, int prepared)
      throws IOException, InterruptedException {
    int starts = benchEnvironment.rounds() * STARTS_PER_ROUND;
    String sleeper = BenchInstance.host(starts + 1);
    Path folder = benchEnvironment.folder("prepared" + prepared);
    Path config =
        Files.writeString(folder.resolve("d.yaml"), "sandbox: {prepared: " + prepared + "}\n");
    FirstBytes times = new FirstBytes();
    try (BenchServer server =
        BenchServer.start(
            benchEnvironment, benchInstance, folder.resolve("d"), "--config", config.toString())) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, BenchInstance.host(starts), 200, Duration.ofMinutes(2));
      bareStart(deno);
      for (int i = 0; i < starts; i++) {
        times.ever().add(HttpProbe.timeToFirstByte(front, BenchInstance.host(i)));
      }
      server.awaitAllStopped(Duration.ofMinutes(2));
      HttpProbe.await(front, sleeper, 200, Duration.ofMinutes(2));
      for (int i = 0; i < starts; i++) {
        Thread.sleep(SPACING);
        times.asleep().add(HttpProbe.timeToFirstByte(front, sleeper));
        Thread.sleep(SPACING);
        times.stopped().add(HttpProbe.timeToFirstByte(front, BenchInstance.host(i)));
        Thread.sleep(SPACING);
        times.bare().add(bareStart(deno));
      }
    }
    return times;
  }

  private static double bareStart(BareDeno deno) throws IOException, InterruptedException {
    try (BareDeno.RunningDeno runningDeno =
        deno.start(deno.folder().resolve("s" + System.nanoTime() + ".sock"))) {
      return runningDeno.firstByteAt();
    }
  }
}
