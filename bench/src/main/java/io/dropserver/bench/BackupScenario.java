package io.dropserver.bench;

import io.dropserver.bench.Measurement.Unit;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.web.control.BackupClient;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Measures a backup of 1 GiB of which 1 % has changed, while the app writes to SQLite, in
 * comparison with restic alone on the same files.
 */
final class BackupScenario implements Scenario {
  private static final double REACH_RATIO = 1.2;
  private static final double REACH_FROZEN_MS = 250;
  private static final Duration START = Duration.ofMinutes(3);

  @Override
  public String name() {
    return "backup";
  }

  @Override
  public String description() {
    return "how long does a backup of 1 GiB take after 1 % changed, and how long is the app"
        + " frozen?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    BenchInstance benchInstance = BenchInstance.createWriting(benchEnvironment);
    Path state = benchEnvironment.folder("state").resolve("d");
    Peer peer = new Peer(benchEnvironment, benchEnvironment.folder("peer"));
    List<Double> ours = new ArrayList<>();
    List<Double> frozen = new ArrayList<>();
    List<Double> peers = new ArrayList<>();
    try (BenchServer server = BenchServer.start(benchEnvironment, benchInstance, state)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, BenchInstance.host(0), "/fill", 200, START);
      now(state);
      // Both sides back up the mirror, so that they read the same files with the same changes.
      Path mirror = mirror(state);
      peer.backup(mirror);
      for (int round = 0; round < benchEnvironment.rounds(); round++) {
        HttpProbe.await(front, BenchInstance.host(0), "/change", 200, START);
        Map<?, ?> made = now(state);
        ours.add(number(made, "tookMillis"));
        frozen.add(number(made, "frozenMillis"));
        peers.add(peer.backup(mirror));
      }
    }
    return results(ours, frozen, peers);
  }

  private List<ScenarioResult> results(List<Double> ours, List<Double> frozen, List<Double> peers) {
    Measurement whole =
        new Measurement("dropserver", "backup of 1 GiB, 1 % changed", Unit.MILLISECONDS, ours);
    Measurement restic = new Measurement("restic alone", whole.what(), Unit.MILLISECONDS, peers);
    Measurement still =
        new Measurement(
            "dropserver", "app frozen meanwhile, writing to SQLite", Unit.MILLISECONDS, frozen);
    return List.of(
        new ScenarioResult(
            name(),
            whole,
            List.of(restic),
            "≤ 1.2 × restic",
            Optional.of(ScenarioResult.ratio(whole, restic) <= REACH_RATIO)),
        new ScenarioResult(
            name(), still, List.of(), "≤ 250 ms", Optional.of(still.median() <= REACH_FROZEN_MS)));
  }

  /** Returns the report of one backup, as printed by {@code backup now -o json}. */
  private static Map<?, ?> now(Path state) throws IOException {
    BackupOrder order =
        new BackupOrder(
            BackupVerb.NOW,
            Optional.of(BenchInstance.name(0)),
            Optional.empty(),
            Optional.empty(),
            List.of());
    Object reports = new BackupClient(state).run(order, step -> {}).fields().get("backups");
    if (reports instanceof List<?> list
        && list.size() == 1
        && list.get(0) instanceof Map<?, ?> it) {
      return it;
    }
    throw new IOException(
        "the server reports a different backup than the requested one: " + reports);
  }

  private static double number(Map<?, ?> report, String field) throws IOException {
    if (report.get(field) instanceof Number number) {
      return number.doubleValue();
    }
    throw new IOException("the report of the backup lacks " + field);
  }

  private static Path mirror(Path state) throws IOException {
    try (Stream<Path> mirrors = Files.list(state.resolve("backups/mirrors"))) {
      return mirrors
          .filter(folder -> !folder.endsWith("server"))
          .findFirst()
          .orElseThrow(() -> new IOException("no mirror below " + state));
    }
  }

  /** A separate repository for restic alone. */
  private static final class Peer {
    private final BenchEnvironment benchEnvironment;
    private final String[] restic;

    Peer(BenchEnvironment benchEnvironment, Path folder) throws IOException, InterruptedException {
      this.benchEnvironment = benchEnvironment;
      Path password = Files.writeString(folder.resolve("password"), "bench");
      restic =
          new String[] {
            "restic",
            "--repo",
            folder.resolve("repository").toString(),
            "--password-file",
            password.toString(),
            "--cache-dir",
            folder.resolve("cache").toString()
          };
      benchEnvironment.run(folder, with("init"));
    }

    /** Returns the duration in milliseconds. */
    double backup(Path files) throws IOException, InterruptedException {
      return BenchEnvironment.time(
          () -> benchEnvironment.run(files, with("backup", ".", "--no-scan")));
    }

    private String[] with(String... arguments) {
      String[] command = Arrays.copyOf(restic, restic.length + arguments.length);
      System.arraycopy(arguments, 0, command, restic.length, arguments.length);
      return command;
    }
  }
}
