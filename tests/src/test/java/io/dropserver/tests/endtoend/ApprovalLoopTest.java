package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.tests.forge.FakeForge.FakePullRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The complete approval loop: an unmodified app is refused, a pull request appears, a person merges
 * or closes it, and the app's next {@code fetch} gets the result. Uses a server process, Git and a
 * fake forge.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ApprovalLoopTest {
  private static final Duration PROMISED = Duration.ofSeconds(1);

  /** Allows for a machine with other load. */
  private static final Duration AT_MOST = Duration.ofSeconds(20);

  private static final Pattern WAITING =
      Pattern.compile("not whitelisted; request ([0-9a-f]{8}) is waiting for approval");

  /** Does not use the Dropserver API. The first word of its response identifies the process. */
  private static final String APP =
      """
      const me = crypto.randomUUID();
      const ask: Record<string, (url: string) => Promise<string>> = {
        "/fetch": async (url) => await (await fetch(url)).text(),
        "/socket": (url) =>
          new Promise((ok, no) => {
            const socket = new WebSocket(url);
            socket.onopen = () => ok("open");
            socket.onerror = (event) => no((event as ErrorEvent).error);
          }),
        "/node": async (url) => {
          const { get } = await import("node:http");
          return await new Promise((ok, no) =>
            get(url, (answer) => answer.on("data", (data) => ok(String(data)))).on("error", no)
          );
        },
      };
      export default {
        async fetch(request: Request) {
          const { pathname, searchParams } = new URL(request.url);
          try {
            return new Response(`${me} ${await ask[pathname]!(searchParams.get("url")!)}`);
          } catch (error) {
            return new Response(`${me} ${(error as Error).message}`);
          }
        },
      };
      """;

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private ApprovalFixture fixture;

  @SuppressWarnings("NullAway.Init")
  private HttpServer outside;

  @BeforeAll
  void start() throws Exception {
    outside = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 50);
    outside.createContext(
        "/",
        exchange -> {
          byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, hello.length);
          exchange.getResponseBody().write(hello);
          exchange.close();
        });
    outside.start();
    fixture =
        ApprovalFixture.create(
            folder,
            APP,
            "{open: [127.0.0.1/32], hosts: {one.test: 127.0.0.1, two.test: 127.0.0.1,"
                + " three.test: 127.0.0.1, four.test: 127.0.0.1, no.test: 127.0.0.1}}");
    fixture.start("asker");
  }

  @AfterAll
  void stop() {
    fixture.close();
    outside.stop(0);
  }

  private String outside(String host) {
    return "http://" + host + ":" + outside.getAddress().getPort() + "/path?token=secret";
  }

  /** Sends one request and returns the branch of the pull request that the error refers to. */
  private String pullRequestFor(String by, String url) throws Exception {
    Matcher waiting = WAITING.matcher(fixture.request("asker", by, url));
    assertThat(waiting.find()).isTrue();
    String branch = "dropserver/egress/asker/" + waiting.group(1);
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(fixture.forge.pulls())
                    .extracting(FakePullRequest::branch)
                    .contains(branch));
    return branch;
  }

  @Test
  void aMergedRequestIsAllowedInTheSameProcessWithinASecondOfTheDelivery() throws Exception {
    List<Duration> durations = new ArrayList<>();
    for (String host : List.of("one.test", "two.test", "three.test")) {
      String before = fixture.request("asker", "/fetch", outside(host));
      String branch = pullRequestFor("/fetch", outside(host));
      String commit = fixture.instance.repository().onRemote("show", "--stat", "-p", branch);
      assertThat(commit)
          .contains("1 file changed", "Dropserver-Request: " + branch.substring(24))
          .doesNotContain("secret", "token=");
      assertThat(commit.lines().filter(line -> line.startsWith("+") && line.contains("url:")))
          .singleElement()
          .asString()
          .contains(host);
      assertThat(fixture.forge.pullRequest(branch).body())
          .contains("`" + outside(host).replace("path?token=secret", "") + "`")
          .doesNotContain("secret");

      fixture.merge(branch);
      long start = System.nanoTime();
      fixture.deliverPush();
      await()
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(10))
          .atMost(AT_MOST)
          .until(() -> fixture.request("asker", "/fetch", outside(host)).endsWith(" hello"));
      durations.add(Duration.ofNanos(System.nanoTime() - start));
      assertThat(fixture.request("asker", "/fetch", outside(host)).split(" ", 2)[0])
          .as("the same process")
          .isEqualTo(before.split(" ", 2)[0]);
      await()
          .atMost(AT_MOST)
          .untilAsserted(
              () ->
                  assertThat(fixture.instance.repository().onRemote("branch", "--list", branch))
                      .as("a merged branch is deleted")
                      .isEmpty());
    }
    System.out.println("push delivered -> the same process's fetch succeeds: " + durations);
    assertThat(Collections.min(durations)).as("of " + durations).isLessThan(PROMISED);
  }

  @Test
  void anApprovalInTheDashboardIsCommittedInTheOwnersName() throws Exception {
    ConfigRepository repository = fixture.instance.repository();
    repository.git("pull", "--quiet", "--no-rebase", "origin", "main");
    repository
        .replace(
            "instance.yaml",
            "reconcile: {interval: 1h}",
            "reconcile: {interval: 1h}\n  approvals: {decide: dashboard}")
        .write(
            "appspaces/diary.yaml",
            MinimalInstance.appspace("diary", "1.0.0", false, 192).replace("public", "members"))
        .push("Decide in the dashboard too");
    assertThat(fixture.instance.sync().served()).isTrue();
    await()
        .atMost(AT_MOST)
        .untilAsserted(
            () -> assertThat(fixture.instance.object("Appspace", "diary").ready()).isTrue());
    String branch = pullRequestFor("/fetch", outside("four.test"));
    String id = branch.substring(branch.lastIndexOf('/') + 1);
    try (MemberClient alice = MemberClient.enter(fixture.instance, "alice", "diary")) {
      HttpResponse<String> response =
          alice.submit(
              "/dashboard/approvals/" + id + "/approve",
              MemberClient.form("url", outside("four.test").replaceAll("path.*", ""))
                  + "&method-GET=yes");
      assertThat(response.statusCode()).as(response.body()).isEqualTo(303);
    }
    assertThat(repository.onRemote("log", "-1", "--format=%an", "main")).contains("alice");
    await()
        .atMost(AT_MOST)
        .until(() -> fixture.request("asker", "/fetch", outside("four.test")).endsWith(" hello"));
  }

  @Test
  void aClosedPullRequestDeniesTheRequestAndErrorsNameIt() throws Exception {
    String branch = pullRequestFor("/fetch", outside("no.test"));
    String id = branch.substring(branch.lastIndexOf('/') + 1);
    fixture.close(branch);
    String no = "the owner said no to request " + id;
    await()
        .atMost(AT_MOST)
        .untilAsserted(
            () -> assertThat(fixture.request("asker", "/fetch", outside("no.test"))).contains(no));
    String socket = outside("no.test").replace("http:", "ws:");
    assertThat(fixture.request("asker", "/socket", socket)).contains(no);
    assertThat(fixture.request("asker", "/node", outside("no.test"))).contains(no);
    assertThat(
            fixture.forge.pulls().stream()
                .filter(fakePullRequest -> fakePullRequest.branch().equals(branch)))
        .hasSize(1);
    await()
        .atMost(AT_MOST)
        .untilAsserted(
            () ->
                assertThat(fixture.instance.repository().onRemote("branch", "--list", branch))
                    .isEmpty());
  }

  @Test
  void aWebSocketAndANodeClientGetTheirRequestIds() throws Exception {
    assertThat(fixture.request("asker", "/socket", "wss://live.example/feed"))
        .containsPattern(WAITING);
    assertThat(fixture.request("asker", "/node", "http://plain.example/")).containsPattern(WAITING);
  }
}
