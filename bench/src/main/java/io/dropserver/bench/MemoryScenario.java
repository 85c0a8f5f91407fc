package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Measures the server at rest with 1,000 declared appspaces, and one live sandbox in comparison
 * with a plain Deno, both also by part.
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
    Map<String, List<Double>> parts = new TreeMap<>();
    List<Double> bare = new ArrayList<>();
    int rounds = Math.max(1, benchEnvironment.rounds() / 2);
    for (int round = 0; round < rounds; round++) {
      try (BenchServer process = start(List.of(), benchEnvironment, benchInstance)) {
        rest(process);
        server.add(process.residentMebibytes());
        HttpProbe.await(
            HttpProbe.loopback(process.port()), BenchInstance.host(0), 200, Duration.ofMinutes(1));
        Map<String, Double> sizes = measureBoth(benchEnvironment, process.pid(), bare);
        sandbox.add(sizes.values().stream().mapToDouble(Double::doubleValue).sum());
        sizes.forEach(
            (program, size) -> parts.computeIfAbsent(program, _ -> new ArrayList<>()).add(size));
      }
    }
    List<ScenarioResult> results = new ArrayList<>(serverRows(server));
    try (BenchServer process = start(ServerMemory.TRACKED, benchEnvironment, benchInstance)) {
      rest(process);
      ServerMemory.committedMebibytes(benchEnvironment, process.pid())
          .forEach(
              (part, size) -> results.add(row("server: " + part + ", committed", List.of(size))));
    }
    results.addAll(sandboxRows(sandbox, parts, bare));
    return results;
  }

  private static BenchServer start(
      List<String> prefix, BenchEnvironment benchEnvironment, BenchInstance benchInstance)
      throws IOException, InterruptedException {
    Path state = benchEnvironment.folder("state").resolve("d");
    return BenchServer.startWithPrefix(prefix, benchEnvironment, benchInstance, state);
  }

  private static void rest(BenchServer process) throws IOException, InterruptedException {
    process.awaitRoute(BenchInstance.host(DECLARED - 1));
    Thread.sleep(REST);
  }

  private List<ScenarioResult> serverRows(List<Double> server) {
    Measurement atRest =
        new Measurement("dropserver", "server at rest, 1,000 declared", Unit.MEBIBYTES, server);
    return List.of(
        new ScenarioResult(
            name(),
            atRest,
            List.of(),
            "≤ 200 MiB",
            Optional.of(atRest.median() <= SERVER_REACH_MEBIBYTES)));
  }

  private List<ScenarioResult> sandboxRows(
      List<Double> whole, Map<String, List<Double>> parts, List<Double> bare) {
    Measurement live =
        new Measurement("dropserver", "one live sandbox, proportional", Unit.MEBIBYTES, whole);
    Measurement peer = new Measurement("bare deno run", "proportional", Unit.MEBIBYTES, bare);
    List<ScenarioResult> results = new ArrayList<>();
    results.add(
        new ScenarioResult(
            name(),
            live,
            List.of(peer),
            "≤ " + SANDBOX_REACH + " × bare Deno",
            Optional.of(ScenarioResult.ratio(live, peer) <= SANDBOX_REACH)));
    parts.forEach((program, sizes) -> results.add(row("sandbox: " + program, sizes)));
    return results;
  }

  private ScenarioResult row(String what, List<Double> sizes) {
    return new ScenarioResult(
        name(),
        new Measurement("dropserver", what, Unit.MEBIBYTES, sizes),
        List.of(),
        "–",
        Optional.empty());
  }

  /** Returns the memory that the sandbox added: Deno and the processes around it, by program. */
  private static Map<String, Double> sandboxMebibytes(long server) throws IOException {
    Map<String, Double> sizes = new TreeMap<>();
    for (ProcessHandle child : ProcessHandle.of(server).orElseThrow().descendants().toList()) {
      sizes.merge(
          ProcessMemory.program(child.pid()),
          ProcessMemory.proportionalMebibytes(child.pid()),
          Double::sum);
    }
    return sizes;
  }

  /**
   * Measures the sandbox and the plain Deno while both run, so that the kernel attributes half of
   * Deno's shared pages to each.
   *
   * @return the memory of the sandbox by program
   */
  private static Map<String, Double> measureBoth(
      BenchEnvironment benchEnvironment, long server, List<Double> bare)
      throws IOException, InterruptedException {
    Path folder = benchEnvironment.folder("bare");
    BareDeno deno = BareDeno.install(benchEnvironment, folder);
    try (BareDeno.RunningDeno runningDeno = deno.start(folder.resolve("bare.sock"))) {
      runningDeno.firstByteAt();
      Thread.sleep(Duration.ofSeconds(2));
      bare.add(ProcessMemory.proportionalMebibytes(runningDeno.pid()));
      return sandboxMebibytes(server);
    }
  }
}
