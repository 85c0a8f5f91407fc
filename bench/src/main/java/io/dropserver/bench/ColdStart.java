package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures the time from a request to the first byte through the front door, for appspaces that are
 * asleep, stopped or new, and for which a sandbox waits or not, in comparison with a plain Deno on
 * a Unix socket. The measurements are some seconds apart, as visits are: caches of the processor
 * and the kernel are not warm. The kernel's trace points divide each start into phases.
 */
final class ColdStart implements Scenario {
  private static final double REACH = 1.5;
  private static final double WAITING_REACH = 0.5;
  private static final double ASLEEP_MILLIS = 5;
  private static final int STARTS_PER_ROUND = 3;
  private static final String PEER = "bare deno run";
  private static final int WAITING = 4;
  private static final Duration SPACING = Duration.ofMillis(2500);

  @Override
  public String name() {
    return "cold-start";
  }

  @Override
  public String description() {
    return "how long does the first request to an appspace take that is asleep, stopped or"
        + " new, and for which a sandbox waits or not?";
  }

  /** The starts of one kind: milliseconds to the first byte, and of each phase. */
  private record Starts(List<Double> firstBytes, Map<StartPhase, List<Double>> phases) {
    Starts() {
      this(new ArrayList<>(), new EnumMap<>(StartPhase.class));
    }

    Measurement measurement(String side, String what) {
      return new Measurement(side, what, Unit.MILLISECONDS, firstBytes);
    }

    Optional<Measurement> phase(String side, String what, StartPhase phase) {
      return Optional.ofNullable(phases.get(phase))
          .map(times -> new Measurement(side, what, Unit.MILLISECONDS, times));
    }

    /** Measures one start. */
    void measure(Optional<StartTrace> trace, Start start) throws IOException, InterruptedException {
      if (trace.isPresent()) {
        trace.get().clear();
      }
      long began = System.nanoTime();
      double milliseconds = start.millisecondsToFirstByte();
      firstBytes.add(milliseconds);
      if (trace.isPresent()) {
        trace.get().addPhases(began, began + (long) (milliseconds * 1e6), phases);
      }
    }
  }

  @FunctionalInterface
  private interface Start {
    double millisecondsToFirstByte() throws IOException, InterruptedException;
  }

  /** The starts of one server, and those of its peer in turn with them. */
  private record Round(Starts ever, Starts asleep, Starts stopped, Starts bare) {
    Round() {
      this(new Starts(), new Starts(), new Starts(), new Starts());
    }
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    int starts = benchEnvironment.rounds() * STARTS_PER_ROUND;
    BenchInstance benchInstance = BenchInstance.createShortIdle(benchEnvironment, starts + 2);
    BareDeno deno = BareDeno.install(benchEnvironment, benchEnvironment.folder("bare"));
    Round plain = measure(benchEnvironment, benchInstance, deno, 0);
    Round ahead = measure(benchEnvironment, benchInstance, deno, WAITING);
    Measurement asleep = plain.asleep().measurement("dropserver", "asleep, request to first byte");
    Measurement ever =
        plain.ever().measurement("dropserver", "first start, which creates the volume");
    List<ScenarioResult> results = new ArrayList<>();
    results.add(
        new ScenarioResult(
            name(), asleep, List.of(), "≤ 5 ms", Optional.of(asleep.median() <= ASLEEP_MILLIS)));
    results.add(
        compared("start of a waiting sandbox", ahead.stopped(), ahead.bare(), WAITING_REACH));
    results.add(compared("cold start", plain.stopped(), plain.bare(), REACH));
    results.addAll(phases("cold start", plain.stopped(), plain.bare()));
    results.add(new ScenarioResult(name(), ever, List.of(), "–", Optional.empty()));
    results.addAll(phases("first start", plain.ever(), plain.bare()));
    return results;
  }

  private ScenarioResult compared(String what, Starts ours, Starts bare, double reach) {
    Measurement whole = ours.measurement("dropserver", what + ", request to first byte");
    Measurement peer = bare.measurement(PEER, "spawn to first byte");
    return new ScenarioResult(
        name(),
        whole,
        List.of(peer),
        "≤ " + reach + " × bare Deno",
        Optional.of(ScenarioResult.ratio(whole, peer) <= reach));
  }

  /** Returns a row for each phase that the kernel traced. */
  private List<ScenarioResult> phases(String what, Starts ours, Starts bare) {
    List<ScenarioResult> results = new ArrayList<>();
    for (StartPhase phase : StartPhase.values()) {
      String name = what + ": " + phase.text();
      List<Measurement> peers = bare.phase(PEER, phase.text(), phase).stream().toList();
      ours.phase("dropserver", name, phase)
          .map(row -> new ScenarioResult(name(), row, peers, "–", Optional.empty()))
          .ifPresent(results::add);
    }
    return results;
  }

  /**
   * Opens appspaces, lets them stop, and opens them again in turn with the peer.
   *
   * @param waiting the number of sandboxes that wait
   */
  private static Round measure(
      BenchEnvironment benchEnvironment, BenchInstance benchInstance, BareDeno deno, int waiting)
      throws IOException, InterruptedException {
    Path folder = benchEnvironment.folder("waiting" + waiting);
    Path config =
        Files.writeString(folder.resolve("d.yaml"), "sandbox: {waiting: " + waiting + "}\n");
    Optional<StartTrace> trace = StartTrace.open();
    try (BenchServer server =
        BenchServer.start(
            benchEnvironment, benchInstance, folder.resolve("d"), "--config", config.toString())) {
      return measure(server, trace, deno, benchEnvironment.rounds() * STARTS_PER_ROUND);
    } finally {
      trace.ifPresent(StartTrace::close);
    }
  }

  private static Round measure(
      BenchServer server, Optional<StartTrace> trace, BareDeno deno, int starts)
      throws IOException, InterruptedException {
    SocketAddress front = HttpProbe.loopback(server.port());
    String sleeper = BenchInstance.host(starts + 1);
    Round times = new Round();
    HttpProbe.await(front, BenchInstance.host(starts), 200, Duration.ofMinutes(2));
    bareStart(deno);
    for (int i = 0; i < starts; i++) {
      String host = BenchInstance.host(i);
      times.ever().measure(trace, () -> HttpProbe.timeToFirstByte(front, host));
    }
    server.awaitAllStopped(Duration.ofMinutes(2));
    HttpProbe.await(front, sleeper, 200, Duration.ofMinutes(2));
    for (int i = 0; i < starts; i++) {
      String host = BenchInstance.host(i);
      Thread.sleep(SPACING);
      times.asleep().measure(Optional.empty(), () -> HttpProbe.timeToFirstByte(front, sleeper));
      Thread.sleep(SPACING);
      times.stopped().measure(trace, () -> HttpProbe.timeToFirstByte(front, host));
      Thread.sleep(SPACING);
      times.bare().measure(trace, () -> bareStart(deno));
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
