package io.dropserver.tests.endtoend;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A forge that speaks what Dropserver says of GitHub's pull requests, beside a bare repository.
 * Merging and closing is the test's to do. Thread-safe.
 */
final class FakeForge implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpServer server;
  private final ConfigRepository repository;

  /** Guarded by this. */
  private final List<Pull> pulls = new ArrayList<>();

  /** As opened, and what became of it. */
  record Pull(String branch, String title, String body, String commit, String state) {}

  private FakeForge(ConfigRepository repository, HttpServer server) {
    this.repository = repository;
    this.server = server;
  }

  static FakeForge beside(ConfigRepository repository) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 50);
    FakeForge forge = new FakeForge(repository, server);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/repos/", forge::answer);
    server.start();
    return forge;
  }

  /** For {@code repo.write.api}. */
  String api() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  synchronized List<Pull> pulls() {
    return List.copyOf(pulls);
  }

  /** The newest one of a branch. */
  synchronized Pull of(String branch) {
    return pulls.stream()
        .filter(pull -> pull.branch().equals(branch))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new AssertionError("no pull request of " + branch + " in " + pulls));
  }

  /** A person presses the button. */
  synchronized void become(String branch, String state) {
    Pull pull = of(branch);
    pulls.set(
        pulls.indexOf(pull),
        new Pull(pull.branch(), pull.title(), pull.body(), pull.commit(), state));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    try (exchange) {
      if (exchange.getRequestMethod().equals("POST")) {
        reply(exchange, 201, json(open(JSON.readTree(asked))));
      } else {
        String query =
            URLDecoder.decode(exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8);
        String branch = query.replaceFirst(".*head=[^:&]*:", "");
        List<Pull> found =
            pulls().stream().filter(pull -> pull.branch().equals(branch)).toList().reversed();
        reply(exchange, 200, found.isEmpty() ? "[]" : "[" + json(found.getFirst()) + "]");
      }
    }
  }

  private synchronized Pull open(JsonNode asked) {
    String branch = asked.path("head").asString("");
    try {
      String commit = repository.onRemote("rev-parse", branch).strip();
      String title = asked.path("title").asString("");
      Pull pull = new Pull(branch, title, asked.path("body").asString(""), commit, "open");
      pulls.add(pull);
      return pull;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String json(Pull pull) {
    Map<String, Object> answer = new java.util.LinkedHashMap<>();
    answer.put("html_url", "https://forge.example/pull/" + pull.commit().substring(0, 8));
    answer.put("state", pull.state().equals("open") ? "open" : "closed");
    answer.put("merged_at", pull.state().equals("merged") ? "2026-11-25T01:02:03Z" : null);
    answer.put("head", Map.of("sha", pull.commit()));
    return JSON.writeValueAsString(answer);
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
