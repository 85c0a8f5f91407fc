package io.dropserver.reconciler.approval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.GitSource;
import io.dropserver.reconciler.source.RemoteAccess;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.state.StateDatabase;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Against a forge of our own that speaks GitHub's pull requests, with faults. */
class PullRequestTest {
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir Path folder;
  private ConfigRepo repo;
  private GitSource source;
  private StateDatabase database;
  private RequestBook book;
  private WriteRemote remote;
  private HttpServer server;
  private GitHubPulls forge;

  /** Bodies of the pull requests that were opened. */
  private final List<JsonNode> opened = new ArrayList<>();

  private volatile String state = "open";
  private volatile String mergedAt = "null";
  private final AtomicInteger answersToLose = new AtomicInteger();
  private volatile Optional<String> limited = Optional.empty();
  private final AtomicInteger calls = new AtomicInteger();

  @BeforeEach
  void open() throws IOException {
    repo = new ConfigRepo(folder).instance("  approvals: {mode: pull-request}\n", "garden");
    repo.push("Begin");
    source = new GitSource(repo.settings(), CLOCK);
    database = StateDatabase.open(folder.resolve("state.db"), CLOCK);
    book = new RequestBook(database, CLOCK);
    remote = new WriteRemote(source, repo.settings(), RemoteAccess.anonymous(), CLOCK);
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 8);
    server.createContext("/repos/alice/home/pulls", this::answer);
    server.start();
    Files.writeString(folder.resolve("token"), "t0ken\n");
    forge =
        new GitHubPulls(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/"),
            "git@forge.example:alice/home.git",
            folder.resolve("token"),
            CLOCK);
  }

  @AfterEach
  void close() {
    server.stop(0);
    remote.close();
    source.close();
    database.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    calls.incrementAndGet();
    String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (!"Bearer t0ken".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      reply(exchange, 401, "{}");
    } else if (limited.isPresent()) {
      exchange.getResponseHeaders().add("Retry-After", limited.get());
      reply(exchange, 403, "{}");
    } else if (exchange.getRequestMethod().equals("POST")) {
      opened.add(JsonMapper.shared().readTree(asked));
      if (answersToLose.getAndDecrement() > 0) {
        exchange.close();
      } else {
        reply(exchange, 201, pull());
      }
    } else {
      String query =
          URLDecoder.decode(exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8);
      boolean known = !opened.isEmpty() && query.contains("head=alice:" + branch());
      reply(exchange, 200, known ? "[" + pull() + "]" : "[]");
    }
  }

  private String branch() {
    return opened.getLast().path("head").asString("");
  }

  private String pull() {
    String head = ConfigRepo.git(repo.remote, "rev-parse", branch());
    return """
    {"html_url": "https://forge.example/pull/%d", "state": "%s", "merged_at": %s,
     "head": {"sha": "%s"}}\
    """
        .formatted(opened.size(), state, mergedAt, head);
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  /** A new one remembers nothing, as after a restart. */
  private WriteBack writeBack() {
    return writeBack(new PullRequestUpkeep(forge, book, "main", CLOCK));
  }

  private WriteBack writeBack(PullRequestUpkeep upkeep) {
    Scribe scribe =
        new Scribe(
            remote, new WhitelistEdit(new InstanceReader(), ReadOptions.WHOLE), CLOCK, false);
    return new WriteBack(book, remote, scribe, Optional.of(upkeep), new Backoff(() -> 0.5), CLOCK);
  }

  private void ask(String reason) {
    book.asked(
        "garden",
        Destination.parse("https://api.example.org/"),
        Set.of("GET"),
        Optional.of(reason));
  }

  @Test
  void aRequestBecomesOnePullRequestOfWhichNothingIsTheAppsMarkup() throws IOException {
    ask("@all [x](https://evil.example)\n\n# now\n/close `x` <b>");
    writeBack().round();
    writeBack().round();

    assertThat(opened).hasSize(1);
    JsonNode pull = opened.getFirst();
    assertThat(pull.path("title").asString("")).isEqualTo("Let garden reach api.example.org");
    assertThat(pull.path("base").asString("")).isEqualTo("main");
    assertThat(repo.branches()).containsExactly(branch());
    String body = pull.path("body").asString("");
    assertThat(body)
        .contains("`hello 1.0.0`", "`https://api.example.org/`", "nobody has checked it")
        .doesNotContain("@all", "https://evil", "`x`");
    assertThat(body.lines().filter(line -> line.contains("/close")))
        .singleElement()
        .satisfies(line -> assertThat(line).startsWith("    (at)all"));
  }

  @Test
  void aLostAnswerMakesNoSecondPullRequest() throws IOException {
    answersToLose.set(1);
    ask("x");
    WriteBack writeBack = writeBack();
    writeBack.round();
    assertThat(book.list().getFirst().trouble()).isPresent();
    await()
        .untilAsserted(
            () -> {
              writeBack.round();
              assertThat(book.list().getFirst().trouble()).isEmpty();
            });
    assertThat(opened).hasSize(1);
  }

  @Test
  void closedUnmergedIsARememberedNo() throws IOException {
    ask("x");
    writeBack().round();
    state = "closed";
    writeBack().round();
    writeBack().round();
    ask("x");
    writeBack().round();

    assertThat(book.list().getFirst().state()).isEqualTo(State.DENIED);
    assertThat(repo.branches()).isEmpty();
    assertThat(opened).hasSize(1);
  }

  @Test
  void aForgeThatTellsOfAClosedOneIsAskedAtOnce() throws IOException {
    ask("x");
    PullRequestUpkeep upkeep = new PullRequestUpkeep(forge, book, "main", CLOCK);
    WriteBack writeBack = writeBack(upkeep);
    writeBack.round();
    state = "closed";
    writeBack.round();
    assertThat(book.list().getFirst().state())
        .as("not asked within a minute")
        .isEqualTo(State.OPEN);
    upkeep.lookAgain(branch());
    writeBack.round();
    assertThat(book.list().getFirst().state()).isEqualTo(State.DENIED);
  }

  @Test
  void mergedIsNoNo() throws IOException {
    ask("x");
    writeBack().round();
    state = "closed";
    mergedAt = "\"2026-11-25T01:02:03Z\"";
    writeBack().round();
    assertThat(book.list().getFirst().state()).isEqualTo(State.OPEN);
  }

  @Test
  void aForgeThatLimitsUsIsLeftAloneForAsLongAsItSays() throws IOException {
    ask("x");
    limited = Optional.of("77");
    assertThatThrownBy(() -> writeBack().round())
        .isInstanceOfSatisfying(
            WriteException.class, e -> assertThat(e.retryAfter()).hasValue(Duration.ofSeconds(77)));
    assertThat(calls.get()).isEqualTo(1);
    limited = Optional.empty();
    writeBack().round();
    assertThat(calls.get()).isEqualTo(1);
  }
}
