package io.dropserver.tests.forge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.Dialect.Ask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A fake of each supported forge for a repository, with the token {@code t0ken} and with injected
 * faults. Like real forges, it has at most one open pull request per branch, and closes it when the
 * branch is deleted (except for GitLab). The test merges and closes pull requests. Thread-safe.
 */
public final class FakeForge implements AutoCloseable {
  public static final String TOKEN = "t0ken";
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int PER_PAGE = 50;

  private final Dialect dialect;
  private final Supplier<Map<String, String>> heads;
  private final HttpServer server;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<Call> calls = new CopyOnWriteArrayList<>();
  private final List<Status> statuses = new CopyOnWriteArrayList<>();
  private volatile Supplier<Optional<Fault>> faults = Optional::empty;

  /** Guarded by this. */
  private final List<Pull> pulls = new ArrayList<>();

  /** A pull request and its state: open, closed or merged. */
  public record Pull(
      long number,
      String branch,
      String into,
      String title,
      String body,
      String commit,
      String state,
      List<String> comments) {
    String url() {
      return "https://forge.example/pull/" + number;
    }
  }

  /** A received request. */
  public record Call(String method, String path, Map<String, String> query, String body) {}

  /** The status of a commit. */
  public record Status(String commit, String state, String description) {}

  private FakeForge(Forge kind, Supplier<Map<String, String>> heads, HttpServer server) {
    this.dialect = Dialect.of(kind);
    this.heads = heads;
    this.server = server;
  }

  /**
   * @param heads returns the commits of the repository's branches
   */
  public static FakeForge open(Forge kind, Supplier<Map<String, String>> heads) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 50);
    FakeForge forge = new FakeForge(kind, heads, server);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.createContext("/", forge::answer);
    server.start();
    return forge;
  }

  /** Returns the value for {@code repo.write.api}. */
  public String api() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + dialect.prefix;
  }

  /**
   * @param plan called before each response
   */
  public void fails(Supplier<Optional<Fault>> plan) {
    faults = plan;
  }

  /** Fails the next responses with these faults, and succeeds afterwards. */
  public void failsNext(Fault... next) {
    List<Fault> left = new CopyOnWriteArrayList<>(next);
    faults = () -> left.isEmpty() ? Optional.empty() : Optional.of(left.removeFirst());
  }

  public List<Call> calls() {
    return calls;
  }

  public List<Status> statuses() {
    return statuses;
  }

  public synchronized List<Pull> pulls() {
    return List.copyOf(pulls);
  }

  /** Returns the newest pull request of a branch. */
  public synchronized Pull of(String branch) {
    return newest(branch)
        .orElseThrow(() -> new AssertionError("no pull request of " + branch + " in " + pulls));
  }

  private Optional<Pull> newest(String branch) {
    return pulls.stream().filter(pull -> pull.branch().equals(branch)).reduce((a, b) -> b);
  }

  /** Changes the state, like a person with the forge's button. */
  public synchronized void become(String branch, String state) {
    become(of(branch), state);
  }

  private void become(Pull pull, String state) {
    replace(
        pull,
        new Pull(
            pull.number(),
            pull.branch(),
            pull.into(),
            pull.title(),
            pull.body(),
            pull.commit(),
            state,
            pull.comments()));
  }

  private void replace(Pull before, Pull after) {
    pulls.set(pulls.indexOf(before), after);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getRawPath().substring(dialect.prefix.length());
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    calls.add(new Call(exchange.getRequestMethod(), path, query, body));
    try (exchange) {
      String token = exchange.getRequestHeaders().getFirst(dialect.tokenHeader);
      if (!(dialect.tokenPrefix + TOKEN).equals(token)) {
        reply(exchange, 401, "{\"message\": \"who are you?\"}");
        return;
      }
      JsonNode json = body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
      Optional<Ask> ask = dialect.ask(exchange.getRequestMethod(), path, query, json);
      boolean asks = exchange.getRequestMethod().equals("GET");
      Optional<Fault> fault = faults.get().filter(f -> f != Fault.FINDS_NOTHING || asks);
      if (fault.isEmpty() || fault.get() == Fault.ANSWER_LOST) {
        Answer answer = ask.map(a -> handle(a, path)).orElseGet(() -> new Answer(404, Map.of()));
        if (fault.isEmpty()) {
          reply(exchange, answer.status(), JSON.writeValueAsString(answer.body()));
        }
      } else {
        fail(exchange, fault.get(), path);
      }
    }
  }

  private record Answer(int status, Object body) {}

  private synchronized Answer handle(Ask ask, String path) {
    follow();
    return switch (ask) {
      case Ask.Find(String branch) when dialect.findsOne(path) ->
          // Returns an arbitrary one, like a database query without an order.
          pulls.stream()
              .filter(pull -> pull.branch().equals(branch))
              .findFirst()
              .map(pull -> new Answer(200, dialect.json(pull)))
              .orElseGet(() -> new Answer(404, Map.of("message", "not found")));
      case Ask.Find(String branch) ->
          new Answer(200, newest(branch).map(dialect::json).map(List::of).orElse(List.of()));
      case Ask.List(int page) ->
          new Answer(
              200,
              pulls.reversed().stream()
                  .skip((long) (page - 1) * PER_PAGE)
                  .limit(PER_PAGE)
                  .map(dialect::json)
                  .toList());
      case Ask.Open open -> open(open);
      case Ask.Close(long number) -> {
        Pull pull = numbered(number);
        become(pull, pull.state().equals("open") ? "closed" : pull.state());
        yield new Answer(200, dialect.json(numbered(number)));
      }
      case Ask.Comment(long number, String text) -> {
        numbered(number).comments().add(text);
        yield new Answer(201, Map.of("body", text));
      }
      case Ask.Status(String commit, String state, String description) -> {
        statuses.add(new Status(commit, state, description));
        yield new Answer(201, Map.of("state", state));
      }
    };
  }

  private Pull numbered(long number) {
    return pulls.stream().filter(pull -> pull.number() == number).findFirst().orElseThrow();
  }

  private Answer open(Ask.Open asked) {
    Optional<String> head = Optional.ofNullable(heads.get().get(asked.branch()));
    if (head.isEmpty()) {
      return new Answer(422, Map.of("message", "there is no such branch"));
    }
    boolean known =
        pulls.stream().anyMatch(p -> p.branch().equals(asked.branch()) && p.state().equals("open"));
    if (known) {
      return new Answer(dialect.duplicate, Map.of("message", "there is one already"));
    }
    Pull pull =
        new Pull(
            pulls.size() + 1L,
            asked.branch(),
            asked.into(),
            asked.title(),
            asked.body(),
            head.get(),
            "open",
            new CopyOnWriteArrayList<>());
    pulls.add(pull);
    return new Answer(201, dialect.json(pull));
  }

  /** Updates open pull requests to the heads of their branches. */
  private void follow() {
    Map<String, String> branches = heads.get();
    for (Pull pull : pulls()) {
      if (pull.state().equals("open")) {
        Optional<String> head = Optional.ofNullable(branches.get(pull.branch()));
        if (head.isEmpty() && dialect != Dialect.GITLAB) {
          become(pull, "closed");
        } else if (head.isPresent() && !head.get().equals(pull.commit())) {
          replace(
              pull,
              new Pull(
                  pull.number(),
                  pull.branch(),
                  pull.into(),
                  pull.title(),
                  pull.body(),
                  head.get(),
                  "open",
                  pull.comments()));
        }
      }
    }
  }

  private void fail(HttpExchange exchange, Fault fault, String path) throws IOException {
    var headers = exchange.getResponseHeaders();
    switch (fault) {
      case TOKEN_REFUSED -> reply(exchange, 401, "{}");
      case FORBIDDEN -> reply(exchange, 403, "{\"message\": \"not for you\"}");
      case LIMIT_SPENT -> {
        headers.add("X-RateLimit-Remaining", "0");
        headers.add("X-RateLimit-Reset", String.valueOf(Instant.now().getEpochSecond() + 600));
        reply(exchange, 403, "{}");
      }
      case LIMIT_IN_WORDS ->
          reply(exchange, 403, "{\"message\": \"You have exceeded a secondary rate limit\"}");
      case TOO_MANY -> {
        headers.add("Retry-After", "77");
        reply(exchange, 429, "{}");
      }
      case TOO_MANY_BRIEFLY -> {
        headers.add("Retry-After", "1");
        reply(exchange, 429, "{}");
      }
      case BROKEN -> reply(exchange, 500, "{}");
      case UNAVAILABLE -> reply(exchange, 503, "");
      case CUT, ANSWER_LOST -> {}
      case SILENT -> awaitClose();
      case SILENT_BODY -> {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().write('[');
        exchange.getResponseBody().flush();
        awaitClose();
      }
      case NOT_JSON -> reply(exchange, 200, "<!DOCTYPE html><title>Sign in</title>");
      case NO_PULL_REQUEST -> reply(exchange, 200, "{\"status\": \"ok\"}");
      case MOVED -> {
        headers.add("Location", "http://127.0.0.1:1/");
        reply(exchange, 301, "{}");
      }
      case FINDS_NOTHING -> {
        boolean one = dialect.findsOne(path);
        reply(exchange, one ? 404 : 200, one ? "{}" : "[]");
      }
    }
  }

  private void awaitClose() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Map<String, String> query(@org.jspecify.annotations.Nullable String raw) {
    Map<String, String> query = new LinkedHashMap<>();
    for (String pair : (raw == null ? "" : raw).split("&", -1)) {
      String[] parts = pair.split("=", 2);
      if (parts.length == 2) {
        query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
      }
    }
    return query;
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
  }
}
