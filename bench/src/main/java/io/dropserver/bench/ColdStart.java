package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures the time from a request to the first byte through the front door, for appspaces that are
 * asleep, stopped or new, in comparison with a plain Deno on a Unix socket. The measurements are
 * some seconds apart, as visits are: caches of the processor and the kernel are not warm.
 */
final class ColdStart implements Scenario {
  private static final double REACH = 1.5;
  private static final double ASLEEP_MILLIS = 5;
  private static final int STARTS_PER_ROUND = 3;
  private static final Duration SPACING = Duration.ofMillis(2500);

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String description() {
    return "how long does the first request to an appspace take that is asleep, stopped or new?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    int starts = benchEnvironment.rounds() * STARTS_PER_ROUND;
    BenchInstance benchInstance = BenchInstance.createShortIdle(benchEnvironment, starts + 2);
    String sleeper = BenchInstance.host(starts + 1);
    List<Double> first = new ArrayList<>();
    List<Double> ours = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    List<Double> thawed = new ArrayList<>();
    BareDeno deno = BareDeno.install(benchEnvironment, benchEnvironment.folder("bare"));
    try (BenchServer server =
        BenchServer.start(
            benchEnvironment, benchInstance, benchEnvironment.folder("state").resolve("d"))) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, BenchInstance.host(starts), 200, Duration.ofMinutes(2));
      bareStart(deno);
      for (int i = 0; i < starts; i++) {
        first.add(HttpProbe.timeToFirstByte(front, BenchInstance.host(i)));
      }
      server.awaitAllStopped(Duration.ofMinutes(2));
      HttpProbe.await(front, sleeper, 200, Duration.ofMinutes(2));
      for (int i = 0; i < starts; i++) {
        Thread.sleep(SPACING);
        thawed.add(HttpProbe.timeToFirstByte(front, sleeper));
        Thread.sleep(SPACING);
        ours.add(HttpProbe.timeToFirstByte(front, BenchInstance.host(i)));
        Thread.sleep(SPACING);
        bare.add(bareStart(deno));
      }
    }
    Measurement asleep =
        new Measurement("dropserver", "asleep, request to first byte", Unit.MILLISECONDS, thawed);
    Measurement stopped =
        new Measurement("dropserver", "cold start, request to first byte", Unit.MILLISECONDS, ours);
    Measurement peer =
        new Measurement("bare deno run", "spawn to first byte", Unit.MILLISECONDS, bare);
    Measurement ever =
        new Measurement(
            "dropserver", "first start, which creates the volume", Unit.MILLISECONDS, first);
    return List.of(
        new ScenarioResult(
            name(), asleep, List.of(), "≤ 5 ms", Optional.of(asleep.median() <= ASLEEP_MILLIS)),
        new ScenarioResult(
            name(),
            stopped,
            List.of(peer),
            "≤ 1.5 × bare Deno",
            Optional.of(ScenarioResult.ratio(stopped, peer) <= REACH)),
        new ScenarioResult(name(), ever, List.of(), "–", Optional.empty()));
  }

  private static double bareStart(BareDeno deno) throws IOException, InterruptedException {
    try (BareDeno.RunningDeno runningDeno =
        deno.start(deno.folder().resolve("s" + System.nanoTime() + ".sock"))) {
      return runningDeno.firstByteAt();
    }
  }
}
