package io.dropserver.tests.forge;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.ForgeDialect.ForgeRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A fake of each supported forge for a repository, with the token {@code t0ken} and with injected
 * faults. Like real forges, it has at most one open pull request per branch, and closes it when the
 * branch is deleted (except for GitLab). As a real Gitea 1.26 does, the fake Gitea lets a person
 * reopen a pull request whose branch was deleted, merges none without its branch, and answers 404
 * to a new one without its branch. The test merges and closes pull requests. Thread-safe.
 */
public final class FakeForge implements AutoCloseable {
  public static final String TOKEN = "t0ken";
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int PER_PAGE = 50;

  private final ForgeDialect forgeDialect;
  private final Supplier<Map<String, String>> heads;
  private final HttpServer server;
  private final FakeRepositoryPages pages;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<ReceivedCall> calls = new CopyOnWriteArrayList<>();
  private final List<ReceivedStatus> statuses = new CopyOnWriteArrayList<>();
  private volatile Supplier<Optional<ForgeFault>> faults = Optional::empty;

  /** Guarded by this. */
  private final List<FakePullRequest> pulls = new ArrayList<>();

  /** Numbers of the pull requests that were reopened without their branch. Guarded by this. */
  private final Set<Long> reopenedWithoutBranch = new HashSet<>();

  /** A pull request and its state: open, closed or merged. */
  public record FakePullRequest(
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
  public record ReceivedCall(String method, String path, Map<String, String> query, String body) {}

  /** The status of a commit. */
  public record ReceivedStatus(String commit, String state, String description, String link) {}

  private FakeForge(Forge kind, Supplier<Map<String, String>> heads, HttpServer server) {
    this.forgeDialect = ForgeDialect.of(kind);
    this.heads = heads;
    this.pages = new FakeRepositoryPages(forgeDialect);
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

  /** Returns what the forge tells about its repository. */
  public FakeRepositoryPages pages() {
    return pages;
  }

  /** Returns the value for {@code repo.write.api}. */
  public String api() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + forgeDialect.prefix;
  }

  /**
   * @param plan called before each response
   */
  public void failWith(Supplier<Optional<ForgeFault>> plan) {
    faults = plan;
  }

  /** Fails the next responses with these faults, and succeeds afterwards. */
  public void failNext(ForgeFault... next) {
    List<ForgeFault> left = new CopyOnWriteArrayList<>(next);
    faults = () -> left.isEmpty() ? Optional.empty() : Optional.of(left.removeFirst());
  }

  public List<ReceivedCall> calls() {
    return calls;
  }

  public List<ReceivedStatus> statuses() {
    return statuses;
  }

  public synchronized List<FakePullRequest> pulls() {
    return List.copyOf(pulls);
  }

  /** Returns the newest pull request of a branch. */
  public synchronized FakePullRequest pullRequest(String branch) {
    return newest(branch)
        .orElseThrow(() -> new AssertionError("no pull request of " + branch + " in " + pulls));
  }

  private Optional<FakePullRequest> newest(String branch) {
    return pulls.stream()
        .filter(fakePullRequest -> fakePullRequest.branch().equals(branch))
        .reduce((a, b) -> b);
  }

  /** Changes the state, like a person with the forge's button. */
  public synchronized void setState(String branch, String state) {
    FakePullRequest pull = pullRequest(branch);
    boolean gitea = forgeDialect == ForgeDialect.GITEA;
    if (gitea && state.equals("merged") && reopenedWithoutBranch.contains(pull.number())) {
      updateHeads();
      if (reopenedWithoutBranch.contains(pull.number())) {
        throw new AssertionError("Gitea answers 500: branch does not exist");
      }
    }
    if (state.equals("open") && !heads.get().containsKey(branch)) {
      if (!gitea) {
        throw new AssertionError("only Gitea reopens a pull request whose branch was deleted");
      }
      reopenedWithoutBranch.add(pull.number());
    }
    setState(pull, state);
  }

  private void setState(FakePullRequest fakePullRequest, String state) {
    replace(
        fakePullRequest,
        new FakePullRequest(
            fakePullRequest.number(),
            fakePullRequest.branch(),
            fakePullRequest.into(),
            fakePullRequest.title(),
            fakePullRequest.body(),
            fakePullRequest.commit(),
            state,
            fakePullRequest.comments()));
  }

  private void replace(FakePullRequest before, FakePullRequest after) {
    pulls.set(pulls.indexOf(before), after);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getRawPath().substring(forgeDialect.prefix.length());
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    calls.add(new ReceivedCall(exchange.getRequestMethod(), path, query, body));
    try (exchange) {
      String token = exchange.getRequestHeaders().getFirst(forgeDialect.tokenHeader);
      if (!(forgeDialect.tokenPrefix + TOKEN).equals(token)) {
        reply(exchange, 401, "{\"message\": \"who are you?\"}");
        return;
      }
      if (pages.renamedTo.isPresent()) {
        exchange.getResponseHeaders().add("Location", pages.renamedTo.get());
        reply(exchange, 301, "{}");
        return;
      }
      Optional<FakeRepositoryPages.Answer> page =
          pages.answer(exchange.getRequestMethod(), forgeDialect.below(path), !body.equals("{}"));
      if (page.isPresent()) {
        reply(exchange, page.get().status(), JSON.writeValueAsString(page.get().body()));
        return;
      }
      JsonNode json = body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
      Optional<ForgeRequest> ask =
          forgeDialect.parse(exchange.getRequestMethod(), path, query, json);
      boolean asks = exchange.getRequestMethod().equals("GET");
      Optional<ForgeFault> fault = faults.get().filter(f -> f != ForgeFault.FINDS_NOTHING || asks);
      if (fault.isEmpty() || fault.get() == ForgeFault.ANSWER_LOST) {
        FakeForgeResponse fakeForgeResponse =
            ask.map(a -> handle(a, path)).orElseGet(() -> new FakeForgeResponse(404, Map.of()));
        if (fault.isEmpty()) {
          reply(
              exchange,
              fakeForgeResponse.status(),
              JSON.writeValueAsString(fakeForgeResponse.body()));
        }
      } else {
        fail(exchange, fault.get(), path);
      }
    }
  }

  private record FakeForgeResponse(int status, Object body) {}

  private synchronized FakeForgeResponse handle(ForgeRequest forgeRequest, String path) {
    updateHeads();
    return switch (forgeRequest) {
      case ForgeRequest.Get(long number) ->
          pulls.stream()
              .filter(pull -> pull.number() == number)
              .findFirst()
              .map(pull -> new FakeForgeResponse(200, json(pull)))
              .orElseGet(() -> new FakeForgeResponse(404, Map.of("message", "not found")));
      case ForgeRequest.Find(String branch) when forgeDialect.findsSinglePullRequest(path) ->
          // Returns an arbitrary one, like a database query without an order.
          pulls.stream()
              .filter(fakePullRequest -> fakePullRequest.branch().equals(branch))
              .findFirst()
              .map(fakePullRequest -> new FakeForgeResponse(200, json(fakePullRequest)))
              .orElseGet(() -> new FakeForgeResponse(404, Map.of("message", "not found")));
      case ForgeRequest.Find(String branch) ->
          new FakeForgeResponse(
              200, newest(branch).map(this::json).map(List::of).orElse(List.of()));
      case ForgeRequest.List(int page) ->
          new FakeForgeResponse(
              200,
              pulls.reversed().stream()
                  .skip((long) (page - 1) * PER_PAGE)
                  .limit(PER_PAGE)
                  .map(this::json)
                  .toList());
      case ForgeRequest.OpenPullRequest openPullRequest -> open(openPullRequest);
      case ForgeRequest.Close(long number) -> {
        FakePullRequest fakePullRequest = numbered(number);
        setState(
            fakePullRequest,
            fakePullRequest.state().equals("open") ? "closed" : fakePullRequest.state());
        yield new FakeForgeResponse(200, json(numbered(number)));
      }
      case ForgeRequest.Comment(long number, String text) -> {
        numbered(number).comments().add(text);
        yield new FakeForgeResponse(201, Map.of("body", text));
      }
      case ForgeRequest.SetStatus(String commit, String state, String description, String link) -> {
        statuses.add(new ReceivedStatus(commit, state, description, link));
        yield new FakeForgeResponse(201, Map.of("state", state));
      }
    };
  }

  private Map<String, Object> json(FakePullRequest pull) {
    return forgeDialect.json(pull, Optional.ofNullable(heads.get().get(pull.branch())));
  }

  private FakePullRequest numbered(long number) {
    return pulls.stream()
        .filter(fakePullRequest -> fakePullRequest.number() == number)
        .findFirst()
        .orElseThrow();
  }

  private FakeForgeResponse open(ForgeRequest.OpenPullRequest request) {
    Optional<String> head = Optional.ofNullable(heads.get().get(request.branch()));
    if (head.isEmpty()) {
      int status = forgeDialect == ForgeDialect.GITEA ? 404 : 422;
      return new FakeForgeResponse(status, Map.of("message", "not found"));
    }
    boolean known =
        pulls.stream()
            .anyMatch(p -> p.branch().equals(request.branch()) && p.state().equals("open"));
    if (known) {
      return new FakeForgeResponse(
          forgeDialect.duplicate, Map.of("message", "there is one already"));
    }
    FakePullRequest fakePullRequest =
        new FakePullRequest(
            pulls.size() + 1L,
            request.branch(),
            request.into(),
            request.title(),
            request.body(),
            head.get(),
            "open",
            new CopyOnWriteArrayList<>());
    pulls.add(fakePullRequest);
    return new FakeForgeResponse(201, json(fakePullRequest));
  }

  /** Updates open pull requests to the heads of their branches. */
  private void updateHeads() {
    Map<String, String> branches = heads.get();
    for (FakePullRequest fakePullRequest : pulls()) {
      if (fakePullRequest.state().equals("open")) {
        Optional<String> head = Optional.ofNullable(branches.get(fakePullRequest.branch()));
        if (head.isPresent()) {
          reopenedWithoutBranch.remove(fakePullRequest.number());
        }
        boolean stays =
            forgeDialect == ForgeDialect.GITLAB
                || reopenedWithoutBranch.contains(fakePullRequest.number());
        if (head.isEmpty() && !stays) {
          setState(fakePullRequest, "closed");
        } else if (head.isPresent() && !head.get().equals(fakePullRequest.commit())) {
          replace(
              fakePullRequest,
              new FakePullRequest(
                  fakePullRequest.number(),
                  fakePullRequest.branch(),
                  fakePullRequest.into(),
                  fakePullRequest.title(),
                  fakePullRequest.body(),
                  head.get(),
                  "open",
                  fakePullRequest.comments()));
        }
      }
    }
  }

  private void fail(HttpExchange exchange, ForgeFault forgeFault, String path) throws IOException {
    var headers = exchange.getResponseHeaders();
    switch (forgeFault) {
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
        boolean one = forgeDialect.findsSinglePullRequest(path);
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
