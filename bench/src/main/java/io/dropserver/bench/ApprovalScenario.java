package io.dropserver.bench;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.bench.Measurement.Unit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Measures the time from the push that merges an approval to the first successful fetch in the same
 * process of the app. The server learns of the push through a webhook, as from a forge.
 */
final class ApprovalScenario implements Scenario {
  private static final double REACH_MILLISECONDS = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Duration APART = Duration.ofMillis(5);
  private static final String SECRET = "of the bench";
  private static final byte[] BODY = "hello".getBytes(StandardCharsets.US_ASCII);
  private static final Pattern WAITING = Pattern.compile("request ([0-9a-f]{8}) is waiting");

  @Override
  public String name() {
    return "approval";
  }

  @Override
  public String description() {
    return "how long from the push that merges an approval until the app's own fetch succeeds?";
  }

  @Override
  public List<ScenarioResult> run(BenchEnvironment benchEnvironment)
      throws IOException, InterruptedException {
    Path folder = benchEnvironment.folder("approval");
    BenchInstance benchInstance = BenchInstance.createFetching(benchEnvironment);
    HttpServer outside = startDestination();
    String config = config(folder, benchInstance, benchEnvironment.rounds()).toString();
    List<Double> times = new ArrayList<>();
    try (BenchServer server =
        BenchServer.start(
            benchEnvironment, benchInstance, folder.resolve("state"), "--config", config)) {
      SocketAddress front = HttpProbe.loopback(server.port());
      HttpProbe.await(front, BenchInstance.host(0), "/?url=none:", 200, LIMIT);
      for (int round = 0; round < benchEnvironment.rounds(); round++) {
        String url = "http://" + host(round) + ":" + outside.getAddress().getPort() + "/";
        times.add(pushToFetch(benchInstance, front, url));
      }
    } finally {
      outside.stop(0);
    }
    Measurement measurement =
        new Measurement("dropserver", "push to the app's fetch", Unit.MILLISECONDS, times);
    return List.of(
        new ScenarioResult(
            name(),
            measurement,
            List.of(),
            "≤ 1 s",
            Optional.of(measurement.median() <= REACH_MILLISECONDS)));
  }

  private static double pushToFetch(BenchInstance benchInstance, SocketAddress front, String url)
      throws IOException, InterruptedException {
    String before = fetch(front, url);
    Matcher waiting = WAITING.matcher(before);
    if (!waiting.find()) {
      throw new IOException("the app got no request id, but: " + before);
    }
    String branch = "dropserver/egress/" + BenchInstance.name(0) + "/" + waiting.group(1);
    benchInstance.awaitBranch(branch, LIMIT);
    benchInstance.merge(branch);
    long start = System.nanoTime();
    benchInstance.push();
    deliver(front, branch);
    String after = fetch(front, url);
    while (!after.endsWith(" hello")) {
      if (System.nanoTime() - start > LIMIT.toNanos()) {
        throw new IOException("after the merge the app still answers: " + after);
      }
      Thread.sleep(APART);
      after = fetch(front, url);
    }
    double milliseconds = (System.nanoTime() - start) / 1e6;
    if (!process(after).equals(process(before))) {
      throw new IOException("the app was restarted, so its fetch proves nothing");
    }
    return milliseconds;
  }

  /** Returns the response body: a word that identifies the process, and the result of the fetch. */
  private static String fetch(SocketAddress front, String url) throws IOException {
    String response = HttpProbe.get(front, BenchInstance.host(0), "/?url=" + url);
    return response.substring(response.indexOf("\r\n\r\n") + 4).strip();
  }

  private static String process(String response) {
    return response.split(" ", 2)[0];
  }

  private static void deliver(SocketAddress front, String delivery) throws IOException {
    String body = "{\"ref\": \"refs/heads/main\", \"after\": \"" + delivery + "\"}";
    Map<String, String> headers =
        Map.of(
            "X-GitHub-Event",
            "push",
            "X-GitHub-Delivery",
            delivery,
            "X-Hub-Signature-256",
            "sha256=" + hmac(body));
    HttpProbe.post(front, BenchInstance.DOMAIN, "/hooks/hub", headers, body);
  }

  private static String hmac(String body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static HttpServer startDestination() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, BODY.length);
          exchange.getResponseBody().write(BODY);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String host(int round) {
    return "host-" + round + ".test";
  }

  /** Writes the host configuration: host names that resolve to loopback, and a forge's webhook. */
  private static Path config(Path folder, BenchInstance benchInstance, int rounds)
      throws IOException {
    Path hook = Files.writeString(folder.resolve("hook"), SECRET);
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rw-------"));
    String hosts =
        IntStream.range(0, rounds)
            .mapToObj(round -> host(round) + ": 127.0.0.1")
            .collect(Collectors.joining(", "));
    return Files.writeString(
        folder.resolve("dropserver.yaml"),
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        repo: {url: "%s", write: {forge: none}}
        webhooks: {hub: {type: github, secretFiles: [hook]}}
        egress: {open: [127.0.0.1/32], hosts: {%s}}
        """
            .formatted(benchInstance.remote(), hosts));
  }
}
