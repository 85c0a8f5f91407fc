package io.dropserver.bench;

import io.dropserver.bench.Figure.Unit;
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
final class Memory implements Scenario {
  private static final int DECLARED = 1_000;
  private static final double SERVER_REACH_MEBIBYTES = 200;
  private static final double SANDBOX_REACH = 1.05;
  private static final Duration REST = Duration.ofSeconds(20);

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String question() {
    return "what do the server at rest with 1,000 appspaces and one live sandbox weigh?";
  }

  @Override
  public List<Result> run(Workshop workshop) throws IOException, InterruptedException {
    Fleet fleet = Fleet.create(workshop, DECLARED);
    List<Double> server = new ArrayList<>();
    List<Double> sandbox = new ArrayList<>();
    List<Double> bare = new ArrayList<>();
    int rounds = Math.max(1, workshop.rounds() / 2);
    for (int round = 0; round < rounds; round++) {
      try (ServerProcess process =
          ServerProcess.start(workshop, fleet, workshop.folder("state").resolve("d"))) {
        process.awaitKnown(Fleet.host(DECLARED - 1));
        Thread.sleep(REST);
        server.add(process.residentMebibytes());
        HttpProbe.await(
            HttpProbe.loopback(process.port()), Fleet.host(0), 200, Duration.ofMinutes(1));
        weigh(workshop, process.pid(), sandbox, bare);
      }
    }
    Figure atRest =
        new Figure("dropserver", "server at rest, 1,000 declared", Unit.MEBIBYTES, server);
    Figure live =
        new Figure("dropserver", "one live sandbox, proportional", Unit.MEBIBYTES, sandbox);
    Figure peer = new Figure("bare deno run", "proportional", Unit.MEBIBYTES, bare);
    return List.of(
        new Result(
            name(),
            atRest,
            List.of(),
            "≤ 200 MiB",
            Optional.of(atRest.median() <= SERVER_REACH_MEBIBYTES)),
        new Result(
            name(),
            live,
            List.of(peer),
            "≤ 1.05 × bare Deno",
            Optional.of(Result.ratio(live, peer) <= SANDBOX_REACH)));
  }

  /** Returns the memory that the sandbox added: Deno and the processes around it. */
  private static double sandboxMebibytes(long server) throws IOException {
    double sum = 0;
    for (ProcessHandle child : ProcessHandle.of(server).orElseThrow().descendants().toList()) {
      sum += ProcessMemory.proportionalMebibytes(child.pid());
    }
    return sum;
  }

  /** Measures both at the same time. They share Deno's own pages, and each counts half of them. */
  private static void weigh(Workshop workshop, long server, List<Double> sandbox, List<Double> bare)
      throws IOException, InterruptedException {
    Path folder = workshop.folder("bare");
    BareDeno deno = BareDeno.install(workshop, folder);
    try (BareDeno.Running running = deno.start(folder.resolve("bare.sock"))) {
      running.firstByteAt();
      Thread.sleep(Duration.ofSeconds(2));
      sandbox.add(sandboxMebibytes(server));
      bare.add(ProcessMemory.proportionalMebibytes(running.pid()));
    }
  }
}
