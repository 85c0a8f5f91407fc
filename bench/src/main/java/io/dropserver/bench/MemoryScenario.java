package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Measures the server at rest with 1,000 declared appspaces, and one live sandbox in comparison
 * with a plain Deno.
 */
final class MemoryScenario implements Scenario {
  private static final int DECLARED = 1_000;
  private static final double SERVER_REACH_MEBIBYTES = 200;
  private static final double SANDBOX_REACH = 1.05;
  // The collector returns unused heap when no collection has run for 15 s, so a shorter rest would
  // measure the heap before or after that by chance.
  private static final Duration REST = Duration.ofSeconds(60);

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String description() {
    return "how much memory do an idle server with 1,000 appspaces and one live sandbox use?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = BenchInstance.create(benchEnvironment, DECLARED);
    List<Double> server = new ArrayList<>();
    List<Double> sandbox = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    int rounds = Math.max(1, benchEnvironment.rounds() / 2);
    for (int round = 0; round < rounds; round++) {
      try (BenchServer process =
          BenchServer.start(
              benchEnvironment, benchInstance, benchEnvironment.folder("state").resolve("d"))) {
        process.awaitRoute(BenchInstance.host(DECLARED - 1));
        Thread.sleep(REST);
        server.add(process.residentMebibytes());
        HttpProbe.await(
            HttpProbe.loopback(process.port()), BenchInstance.host(0), 200, Duration.ofMinutes(1));
        measureBoth(benchEnvironment, process.pid(), sandbox, bare);
      }
    }
    Measurement atRest =
        new Measurement("dropserver", "server at rest, 1,000 declared", Unit.MEBIBYTES, server);
    Measurement live =
        new Measurement("dropserver", "one live sandbox, proportional", Unit.MEBIBYTES, sandbox);
    Measurement peer = new Measurement("bare deno run", "proportional", Unit.MEBIBYTES, bare);
    return List.of(
        new ScenarioResult(
            name(),
            atRest,
            List.of(),
            "≤ 200 MiB",
            Optional.of(atRest.median() <= SERVER_REACH_MEBIBYTES)),
        new ScenarioResult(
            name(),
            live,
            List.of(peer),
            "≤ 1.05 × bare Deno",
            Optional.of(ScenarioResult.ratio(live, peer) <= SANDBOX_REACH)));
  }

  /** Returns the memory that the sandbox added: Deno and the processes around it. */
  private static double sandboxMebibytes(long server) throws IOException {
    double sum = 0;
    for (ProcessHandle child : ProcessHandle.of(server).orElseThrow().descendants().toList()) {
      sum += ProcessMemory.proportionalMebibytes(child.pid());
    }
    return sum;
  }

  /**
   * Measures the sandbox and the plain Deno while both run, so that the kernel attributes half of
   * Deno's shared pages to each.
   */
  private static void measureBoth(
      BenchEnvironment benchEnvironment, long server, List<Double> sandbox, List<Double> bare)
      throws IOException, InterruptedException {
    Path folder = benchEnvironment.folder("bare");
    BareDeno deno = BareDeno.install(benchEnvironment, folder);
    try (BareDeno.RunningDeno runningDeno = deno.start(folder.resolve("bare.sock"))) {
      runningDeno.firstByteAt();
      Thread.sleep(Duration.ofSeconds(2));
      sandbox.add(sandboxMebibytes(server));
      bare.add(ProcessMemory.proportionalMebibytes(runningDeno.pid()));
    }
  }
}
