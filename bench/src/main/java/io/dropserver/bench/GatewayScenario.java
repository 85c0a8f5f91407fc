package io.dropserver.bench;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.bench.Measurement.Unit;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.UrlPattern;
import io.dropserver.egress.gateway.AllowedPrivateRanges;
import io.dropserver.egress.gateway.EgressAccount;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.egress.gateway.EgressLimits;
import io.dropserver.egress.gateway.OwnNames;
import io.dropserver.egress.gateway.PeerAppspaces;
import io.dropserver.egress.gateway.Resolver;
import io.dropserver.egress.gateway.Secrets;
import io.dropserver.schema.host.CidrBlock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Measures a fetch by Deno through the egress gateway, in comparison with the same fetch directly
 * to the server.
 */
final class GatewayScenario implements Scenario {
  private static final double REACH_MS = 1;
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final byte[] BODY = "hello".getBytes(StandardCharsets.US_ASCII);

  /**
   * Prints the median latency in ms of sequential requests, and the requests per second of 32 in
   * parallel.
   */
  private static final String PROGRAM =
      """
      const url = Deno.args[0];
      const get = async () => { await (await fetch(url)).arrayBuffer(); };
      for (let i = 0; i < 300; i++) await get();
      const times = [];
      for (let i = 0; i < 1000; i++) {
        const start = performance.now(); await get(); times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      const each = 150, start = performance.now();
      await Promise.all(Array.from({ length: 32 }, async () => { for (let i = 0; i < each; i++) await get(); }));
      console.log(times[500], 32 * each / (performance.now() - start) * 1000);
      """;

  private record GatewaySample(double latencyMs, double perSecond) {}

  @Override
  public String name() {
    return "gateway";
  }

  @Override
  public String description() {
    return "how much time does the egress gateway add to a fetch, and how many requests per second"
        + " does it pass?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    Path folder = benchEnvironment.folder("gateway");
    Path program = Files.writeString(folder.resolve("fetch.ts"), PROGRAM);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, BODY.length);
          exchange.getResponseBody().write(BODY);
          exchange.close();
        });
    server.start();
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    List<GatewaySample> direct = new ArrayList<>();
    List<GatewaySample> through = new ArrayList<>();
    Path socket = folder.resolve("egress.sock");
    try (EgressGateway gateway = gateway()) {
      EgressAccount account = gateway.account("bench");
      account.applyPolicy(allowing(url));
      try (var _ = gateway.listen(account, socket)) {
        for (int round = 0; round < benchEnvironment.rounds(); round++) {
          direct.add(measure(benchEnvironment, program, url, Optional.empty()));
          through.add(measure(benchEnvironment, program, url, Optional.of(socket)));
        }
      }
    } finally {
      server.stop(0);
    }
    return results(direct, through);
  }

  private List<ScenarioResult> results(List<GatewaySample> direct, List<GatewaySample> through) {
    List<Double> added = new ArrayList<>();
    for (int i = 0; i < direct.size(); i++) {
      added.add(through.get(i).latencyMs() - direct.get(i).latencyMs());
    }
    Measurement latency =
        new Measurement("dropserver", "added to the median fetch", Unit.MILLISECONDS, added);
    Measurement rate =
        new Measurement(
            "dropserver",
            "requests through the gateway, 32 at once",
            Unit.PER_SECOND,
            through.stream().map(GatewaySample::perSecond).toList());
    return List.of(
        new ScenarioResult(
            name(),
            latency,
            List.of(
                new Measurement(
                    "direct fetch",
                    "median fetch",
                    Unit.MILLISECONDS,
                    direct.stream().map(GatewaySample::latencyMs).toList())),
            "≤ 1 ms added p50",
            Optional.of(latency.median() <= REACH_MS)),
        new ScenarioResult(
            name(),
            rate,
            List.of(
                new Measurement(
                    "direct fetch",
                    "requests, 32 at once",
                    Unit.PER_SECOND,
                    direct.stream().map(GatewaySample::perSecond).toList())),
            "–",
            Optional.empty()));
  }

  private static EgressGateway gateway() {
    EgressLimits usual = EgressLimits.DEFAULT;
    EgressLimits fast =
        new EgressLimits(
            usual.totalConnections(),
            usual.connections(),
            1_000_000,
            1_000_000,
            usual.bytesPerHour(),
            usual.firstRequest(),
            usual.connect(),
            usual.responseHead(),
            usual.idle(),
            usual.total());
    return new EgressGateway(
        new EgressGateway.GatewayDependencies(
            Resolver.SYSTEM,
            OwnNames.NONE,
            EgressApprovals.DISCARDING,
            Secrets.NONE,
            PeerAppspaces.NONE,
            InstantSource.system()),
        new AllowedPrivateRanges(List.of(CidrBlock.parse("127.0.0.1/32").orElseThrow()), Map.of()),
        List.of(),
        fast);
  }

  private static EgressPolicy allowing(String url) {
    return new EgressPolicy(
        List.of(
            new EgressPolicy.Grant(
                UrlPattern.parse(url), Set.of("GET"), Collections.emptySortedMap())),
        List.of(),
        Collections.emptySortedSet());
  }

  private static GatewaySample measure(
      BenchEnvironment benchEnvironment, Path program, String url, Optional<Path> gateway)
      throws IOException, InterruptedException {
    Program deno =
        Program.of(
                benchEnvironment.deno().toString(),
                "run",
                "--allow-all",
                "--no-config",
                program.toString(),
                url)
            .inheritEnvironment()
            .environment(Map.of("DENO_NO_UPDATE_CHECK", "1", "NO_PROXY", ""))
            .mergeErrors()
            .timeout(DEADLINE);
    gateway.ifPresent(socket -> deno.environment(Map.of("HTTP_PROXY", "unix:" + socket)));
    ProgramEnd end = deno.run();
    if (!end.succeeded()) {
      throw new IOException("Deno did not measure: " + end.output());
    }
    String[] words = end.output().strip().split(" ", -1);
    return new GatewaySample(Double.parseDouble(words[0]), Double.parseDouble(words[1]));
  }
}
