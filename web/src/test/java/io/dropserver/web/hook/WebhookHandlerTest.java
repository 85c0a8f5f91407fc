package io.dropserver.web.hook;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.Control;
import io.dropserver.control.PullRequestEvent;
import io.dropserver.schema.host.HostConfig.Forge;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class WebhookHandlerTest {
  private static final String NEW = "new secret";
  private static final String OLD = "old secret";

  private final AtomicInteger pokes = new AtomicInteger();
  private final List<PullRequestEvent> news = new CopyOnWriteArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final Server server = new Server(0);
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @BeforeEach
  void start() throws Exception {
    WebhookHandler hooks =
        new WebhookHandler(
            List.of(
                hook("hub", Forge.GITHUB),
                hook("tea", Forge.GITEA),
                hook("jo", Forge.FORGEJO),
                hook("lab", Forge.GITLAB)),
            (name, delivery) -> seen.add(name + " " + delivery),
            pokingControl(),
            news::add);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            return hooks.handle(request, response, callback);
          }
        });
    server.start();
  }

  private static WebhookEndpoint hook(String name, Forge forge) {
    return new WebhookEndpoint(name, forge, "master", () -> List.of(NEW, OLD, ""));
  }

  /** Fails on every method except poke. */
  private Control pokingControl() {
    return (Control)
        Proxy.newProxyInstance(
            Control.class.getClassLoader(),
            new Class<?>[] {Control.class},
            (_, method, _) -> {
              assertThat(method.getName()).isEqualTo("poke");
              pokes.incrementAndGet();
              return null;
            });
  }

  @AfterEach
  void stop() throws Exception {
    client.close();
    server.stop();
  }

  @ParameterizedTest
  @CsvSource({
    "github-push-branch, push, 202, 1",
    "github-push-tag, push, 200, 0",
    "github-ping, ping, 200, 0",
    "github-issues, issues, 200, 0",
    "github-create, create, 200, 0"
  })
  void onlyAPushToTheFollowedBranchTriggersAPoll(
      String file, String event, int status, int expected) throws Exception {
    byte[] body = resource(file);
    HttpResponse<String> answer = github(event, body, NEW);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(pokes).hasValue(expected);
    if (event.equals("ping")) {
      assertThat(answer.body()).isEqualTo("pong\n");
    }
  }

  @Test
  void oldAndNewSecretsAreAcceptedDuringRotation() throws Exception {
    assertThat(github("push", push("a"), OLD).statusCode()).isEqualTo(202);
    assertThat(github("push", push("b"), NEW).statusCode()).isEqualTo(202);
    assertThat(github("push", push("c"), "third").statusCode()).isEqualTo(401);
    assertThat(github("push", push("d"), "").statusCode()).isEqualTo(401);
    assertThat(pokes).hasValue(2);
  }

  @Test
  void aReplayTriggersOnlyOnePollEvenWithAnotherDeliveryId() throws Exception {
    byte[] body = push("a");
    String signature = "sha256=" + hmac(body, NEW);
    for (String id : List.of("1", "1", "2")) {
      post(
          "hub",
          body,
          Map.of(
              "X-GitHub-Event", "push", "X-GitHub-Delivery", id, "X-Hub-Signature-256", signature));
    }
    assertThat(pokes).hasValue(1);
  }

  private static final String BRANCH = "dropserver/egress/garden/7f3a2c91";

  /** A delivery of a forge, reduced to the relevant fields. */
  private static byte[] pull(String action, boolean merged, int headRepository) {
    return bytes(
        """
        {"action": "%s", "number": 12, "pull_request": {"number": 12, "merged": %s,
          "head": {"ref": "%s", "sha": "c0ffee", "repo": {"id": %d}}, "base": {"repo": {"id": 7}}}}
        """
            .formatted(action, merged, BRANCH, headRepository));
  }

  private static byte[] mergeRequest(String action, int source) {
    return bytes(
        """
        {"object_kind": "merge_request", "object_attributes": {"iid": 12, "action": "%s",
          "source_branch": "%s", "source_project_id": %d, "target_project_id": 7,
          "last_commit": {"id": "c0ffee"}}}
        """
            .formatted(action, BRANCH, source));
  }

  private static final Map<String, String> LAB =
      Map.of("X-Gitlab-Event", "Merge Request Hook", "X-Gitlab-Token", NEW);

  @ParameterizedTest
  @CsvSource({"closed, false, CLOSED", "closed, true, MERGED", "reopened, false, REOPENED"})
  void theOutcomeOfAPullRequestIsReportedAtGitHubAndForgejo(
      String action, boolean merged, PullRequestEvent.PullRequestChange pullRequestChange)
      throws Exception {
    byte[] body = pull(action, merged, 7);
    assertThat(github("pull_request", body, "guess").statusCode()).isEqualTo(401);
    assertThat(github("pull_request", body, NEW).statusCode()).isEqualTo(202);
    Map<String, String> forgejo =
        Map.of("X-Gitea-Event", "pull_request", "X-Forgejo-Signature", hmac(body, NEW));
    assertThat(post("jo", body, forgejo).statusCode()).isEqualTo(202);
    PullRequestEvent told = new PullRequestEvent(12, BRANCH, "c0ffee", pullRequestChange);
    assertThat(news).containsExactly(told, told);
    assertThat(pokes).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource({"close, CLOSED", "merge, MERGED", "reopen, REOPENED"})
  void theOutcomeOfAMergeRequestIsReportedAtGitLab(
      String action, PullRequestEvent.PullRequestChange pullRequestChange) throws Exception {
    assertThat(post("lab", mergeRequest(action, 7), LAB).statusCode()).isEqualTo(202);
    assertThat(news).containsExactly(new PullRequestEvent(12, BRANCH, "c0ffee", pullRequestChange));
  }

  @Test
  void otherActionsAndBranchesOfForksAreIgnored() throws Exception {
    assertThat(github("pull_request", pull("opened", false, 7), NEW).statusCode()).isEqualTo(200);
    assertThat(github("pull_request", pull("closed", false, 8), NEW).statusCode()).isEqualTo(200);
    assertThat(post("lab", mergeRequest("open", 7), LAB).statusCode()).isEqualTo(200);
    assertThat(post("lab", mergeRequest("close", 8), LAB).statusCode()).isEqualTo(200);
    assertThat(news).isEmpty();
  }

  @Test
  void gitHubsOwnExamplesAreUnderstood() throws Exception {
    assertThat(github("pull_request", resource("github-pull-request-closed"), NEW).statusCode())
        .isEqualTo(202);
    assertThat(github("pull_request", resource("github-pull-request-reopened"), NEW).statusCode())
        .isEqualTo(202);
    assertThat(news)
        .extracting(PullRequestEvent::change)
        .containsExactly(
            PullRequestEvent.PullRequestChange.CLOSED, PullRequestEvent.PullRequestChange.REOPENED);
    assertThat(news).extracting(PullRequestEvent::branch).containsOnly("changes");
  }

  /**
   * The shapes are those of Gitea 1.26: without its branch, a pull request is named only by its
   * number, and so is one that was opened with {@code git push} alone.
   */
  @Test
  void pullRequestsOfGiteaAreIdentifiedByTheirNumber() throws Exception {
    for (String file :
        List.of(
            "gitea-closed",
            "gitea-reopened-without-branch",
            "gitea-agit-closed",
            "gitea-agit-reopened")) {
      assertThat(gitea("pull_request", resource(file)).statusCode()).as(file).isEqualTo(202);
    }
    assertThat(news)
        .containsExactly(
            new PullRequestEvent(
                4, BRANCH, "c".repeat(40), PullRequestEvent.PullRequestChange.CLOSED),
            new PullRequestEvent(
                4, "refs/pull/4/head", "c".repeat(40), PullRequestEvent.PullRequestChange.REOPENED),
            new PullRequestEvent(
                9, "refs/pull/9/head", "d".repeat(40), PullRequestEvent.PullRequestChange.CLOSED),
            new PullRequestEvent(
                9,
                "refs/pull/9/head",
                "d".repeat(40),
                PullRequestEvent.PullRequestChange.REOPENED));
    assertThat(gitea("pull_request", resource("gitea-agit-synchronized")).statusCode())
        .isEqualTo(200);
    assertThat(gitea("pull_request", push("a")).statusCode()).as("no pull request").isEqualTo(200);
  }

  private HttpResponse<String> gitea(String event, byte[] body) throws Exception {
    return post(
        "tea",
        body,
        Map.of(
            "X-GitHub-Event",
            event,
            "X-Gitea-Event",
            event,
            "X-Gogs-Event",
            event,
            "X-Gitea-Signature",
            hmac(body, NEW),
            "X-Hub-Signature-256",
            "sha256=" + hmac(body, NEW)));
  }

  private static String hmac(byte[] body, String secret) {
    Mac mac = Signature.mac(secret);
    mac.update(body);
    return Signature.hex(mac);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void aChangedBodyIsRefused() throws Exception {
    byte[] body = push("a");
    String signature = "sha256=" + hmac(body, NEW);
    body[body.length - 3] ^= 1;
    assertThat(
            post("hub", body, Map.of("X-GitHub-Event", "push", "X-Hub-Signature-256", signature))
                .statusCode())
        .isEqualTo(401);
  }

  @ParameterizedTest
  @EnumSource(
      value = Forge.class,
      names = {"GITEA", "FORGEJO"})
  void giteaAndForgejoSignWithABareHash(Forge forge) throws Exception {
    String name = forge == Forge.GITEA ? "tea" : "jo";
    String header = forge == Forge.GITEA ? "X-Gitea-Signature" : "X-Forgejo-Signature";
    byte[] body = push("a");
    Map<String, String> headers =
        Map.of("X-Gitea-Event", "push", "X-Gitea-Delivery", "1", header, hmac(body, NEW));
    assertThat(post(name, body, headers).statusCode()).isEqualTo(202);
    assertThat(post(name, body, Map.of("X-Gitea-Event", "push")).statusCode()).isEqualTo(401);
    assertThat(pokes).hasValue(1);
  }

  @Test
  void gitlabSendsAToken() throws Exception {
    Map<String, String> right =
        Map.of("X-Gitlab-Event", "Push Hook", "X-Gitlab-Event-UUID", "u", "X-Gitlab-Token", OLD);
    assertThat(post("lab", push("a"), right).statusCode()).isEqualTo(202);
    assertThat(post("lab", push("a"), right).body()).isEqualTo("already received\n");
    Map<String, String> wrong = Map.of("X-Gitlab-Event", "Push Hook", "X-Gitlab-Token", "old");
    assertThat(post("lab", push("b"), wrong).statusCode()).isEqualTo(401);
    Map<String, String> tag = Map.of("X-Gitlab-Event", "Tag Push Hook", "X-Gitlab-Token", OLD);
    assertThat(post("lab", push("b"), tag).statusCode()).isEqualTo(200);
    assertThat(pokes).hasValue(1);
  }

  @Test
  void aFormIsReadAsGitHubSendsIt() throws Exception {
    String json = new String(push("a"), StandardCharsets.UTF_8);
    byte[] body =
        ("payload=" + java.net.URLEncoder.encode(json, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
    Map<String, String> headers =
        Map.of(
            "X-GitHub-Event", "push",
            "Content-Type", "application/x-www-form-urlencoded",
            "X-Hub-Signature-256", "sha256=" + hmac(body, NEW));
    assertThat(post("hub", body, headers).statusCode()).isEqualTo(202);
  }

  @Test
  void aRequestThatIsNotADeliveryIsRefused() throws Exception {
    assertThat(post("other", push("a"), Map.of()).statusCode()).isEqualTo(404);
    assertThat(github("push", "not json".getBytes(StandardCharsets.UTF_8), NEW).statusCode())
        .isEqualTo(400);
    assertThat(github("push", "{\"ref\":7}".getBytes(StandardCharsets.UTF_8), NEW).statusCode())
        .isEqualTo(400);
    HttpRequest get = HttpRequest.newBuilder(uri("hub")).build();
    assertThat(client.send(get, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
    assertThat(pokes).hasValue(0);
  }

  /** The client waits for 100 Continue; otherwise its connection would be closed while it sends. */
  @Test
  void aBodyOfMoreThanThreeMebibytesIsRefusedUnread() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(uri("hub"))
            .expectContinue(true)
            .header("X-Hub-Signature-256", "sha256=00")
            .POST(BodyPublishers.ofByteArray(new byte[WebhookHandler.MAX_BODY_BYTES + 1]))
            .build();
    assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(413);
    assertThat(pokes).hasValue(0);
  }

  @Test
  void aBodyThatDoesNotSayItsLengthIsReadToTheLimit() throws Exception {
    byte[] body = new byte[WebhookHandler.MAX_BODY_BYTES + 1];
    HttpRequest request =
        HttpRequest.newBuilder(uri("hub"))
            .header("X-Hub-Signature-256", "sha256=00")
            .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
            .build();
    assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @CsvSource({
    "hub, X-Hub-Signature-256, sha1=00",
    "tea, X-Other, 00",
    "lab, X-Gitlab-Token, guess"
  })
  void aDeliveryWithoutAProofIsRefusedUnread(String hook, String header, String value)
      throws Exception {
    URI uri = uri(hook);
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(20_000); // the body never arrives
      String head =
          "POST %s HTTP/1.1\r\nHost: localhost\r\n%s: %s\r\nContent-Length: 1000\r\n\r\n"
              .formatted(uri.getPath(), header, value);
      socket.getOutputStream().write(bytes(head));
      assertThat(socket.getInputStream().readNBytes(12)).asString().endsWith("401");
    }
  }

  /** A push of many commits, with values that an attacker may send to fill the memory. */
  @Test
  void onlyRelevantFieldsOfALargeDeliveryAreKept() throws Exception {
    String text = "x".repeat(2 << 20);
    byte[] body =
        bytes(
            """
            {"commits": [{"message": "%s", "ref": "refs/heads/other"}], "%s": {"ref": 1},
             "ref": "refs/heads/master", "action": [[[]]], "pull_request": "no"}
            """
                .formatted(text, "y".repeat(4_000)));
    assertThat(github("push", body, NEW).statusCode()).isEqualTo(202);
    assertThat(pokes).hasValue(1);
    assertThat(Payload.read(new ByteArrayInputStream(body)).values())
        .isEqualTo(Map.of("ref", "refs/heads/master"));
    byte[] long1 = bytes("{\"ref\":\"" + "z".repeat(5_000) + "\"}");
    assertThat(github("push", long1, NEW).statusCode()).isEqualTo(400);
    byte[] deep = bytes("{\"x\":" + "[".repeat(1_000_000));
    assertThat(github("push", deep, NEW).statusCode()).isEqualTo(400);
  }

  private static byte[] push(String after) {
    return ("{\"ref\":\"refs/heads/master\",\"after\":\"" + after + "\"}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = WebhookHandlerTest.class.getResourceAsStream(name + ".json")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  private HttpResponse<String> github(String event, byte[] body, String secret) throws Exception {
    String signature = secret.isEmpty() ? "sha256=" : "sha256=" + hmac(body, secret);
    return post("hub", body, Map.of("X-GitHub-Event", event, "X-Hub-Signature-256", signature));
  }

  private HttpResponse<String> post(String hook, byte[] body, Map<String, String> headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(hook)).POST(BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private URI uri(String hook) {
    int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
    return URI.create("http://127.0.0.1:" + port + "/hooks/" + hook);
  }
}
