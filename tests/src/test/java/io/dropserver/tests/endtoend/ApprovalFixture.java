package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.tests.forge.FakeForge;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A server process whose repository is hosted by a fake forge that sends webhooks. Not thread-safe.
 */
final class ApprovalFixture implements AutoCloseable {
  private static final String SECRET = "the hook's secret";

  final LiveInstance instance;
  final FakeForge forge;
  private final Forge kind;
  private final AtomicInteger deliveries = new AtomicInteger();

  private ApprovalFixture(LiveInstance instance, FakeForge forge, Forge kind) {
    this.instance = instance;
    this.forge = forge;
    this.kind = kind;
  }

  /**
   * Creates {@link MinimalInstance} with another program as its app. Nothing is pushed or started.
   *
   * @param egress the section of the host configuration, in braces
   */
  static ApprovalFixture create(Path folder, String program, String egress) throws IOException {
    return create(folder, Forge.GITHUB, program, egress);
  }

  /**
   * Like {@link #create(Path, String, String)}, with another forge. GitHub and Gitea deliver
   * webhooks.
   */
  static ApprovalFixture create(Path folder, Forge kind, String program, String egress)
      throws IOException {
    Path config = folder.resolve("dropserver.yaml");
    LiveInstance instance = LiveInstance.tiny(folder, "--config", config.toString());
    FakeForge forge = FakeForge.open(kind, instance.repository()::branches);
    secret(folder.resolve("token"), FakeForge.TOKEN);
    secret(folder.resolve("hook"), SECRET);
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        repo: {url: "%s", write: {forge: %s, api: "%s", tokenFile: token}}
        webhooks: {hub: {type: %s, secretFiles: [hook]}}
        egress: %s
        """
            .formatted(
                instance.repository().remote(),
                kind.name().toLowerCase(Locale.ROOT),
                forge.api(),
                kind == Forge.GITEA ? "gitea" : "github",
                egress));
    instance.repository().write("apps/one/main.ts", program);
    return new ApprovalFixture(instance, forge, kind);
  }

  private static void secret(Path file, String text) throws IOException {
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  void start(String... appspaces) throws IOException {
    start(192, appspaces);
  }

  /**
   * @param mebibytes memory limit of each appspace
   */
  void start(int mebibytes, String... appspaces) throws IOException {
    for (String name : appspaces) {
      instance
          .repository()
          .write(
              "appspaces/" + name + ".yaml",
              MinimalInstance.appspace(name, "1.0.0", false, mebibytes));
    }
    instance.repository().push("Apps that ask");
    instance.start();
    await()
        .atMost(LiveInstance.TIMEOUT)
        .untilAsserted(() -> assertThat(instance.status().ready()).as(instance.log()).isTrue());
  }

  /** Returns the response of an appspace whose app is given a URL. */
  String request(String appspace, String path, String url)
      throws IOException, InterruptedException {
    String query = "?url=" + URLEncoder.encode(url, StandardCharsets.UTF_8);
    return instance.get(appspace, path + query).body();
  }

  /** Merges with Git, like a person, and updates the forge. */
  void merge(String branch) throws IOException {
    ConfigRepository repository = instance.repository();
    repository.git("pull", "--quiet", "--no-rebase", "origin", "main");
    repository.git("fetch", "--quiet", "origin");
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge " + branch, "origin/" + branch);
    repository.git("push", "--quiet", "origin", "HEAD:main");
    forge.setState(branch, "merged");
  }

  /** Delivers the webhook for a push to the followed branch. */
  void deliverPush() throws Exception {
    deliver("push", "{\"ref\": \"refs/heads/main\", \"n\": " + deliveries.get() + "}");
  }

  /** Closes a pull request like a person, and delivers the webhook. */
  void close(String branch) throws Exception {
    forge.setState(branch, "closed");
    deliverPullRequest("closed", branch);
  }

  /**
   * Restores the branch of a closed pull request, like a person with the forge's button, reopens
   * it, and delivers the webhook.
   *
   * @param commit its last commit
   */
  void reopen(String branch, String commit) throws Exception {
    instance.repository().onRemote("update-ref", "refs/heads/" + branch, commit);
    forge.setState(branch, "open");
    deliverPullRequest("reopened", branch);
  }

  /**
   * Reopens a closed pull request without its branch, which only Gitea permits, and delivers the
   * webhook.
   */
  void reopen(String branch) throws Exception {
    forge.setState(branch, "open");
    deliverPullRequest("reopened", branch);
  }

  /** Reports the head as {@code refs/pull/N/head} when its branch was deleted, like Gitea. */
  private void deliverPullRequest(String action, String branch) throws Exception {
    FakeForge.FakePullRequest pull = forge.pullRequest(branch);
    boolean present = instance.repository().branches().containsKey(branch);
    deliver(
        "pull_request",
        """
        {"action": "%s", "n": %d, "pull_request": {"number": %d, "merged": false,
          "head": {"ref": "%s", "sha": "%s", "repo": {"id": 7}}, "base": {"repo": {"id": 7}}}}
        """
            .formatted(
                action,
                deliveries.get(), // like the times in a real body; an equal one would be a replay
                pull.number(),
                present || kind != Forge.GITEA ? branch : "refs/pull/" + pull.number() + "/head",
                pull.commit()));
  }

  private void deliver(String event, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    String hmac = HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    String id = "d" + deliveries.incrementAndGet();
    Map<String, String> headers =
        kind == Forge.GITEA
            ? Map.of("X-Gitea-Event", event, "X-Gitea-Delivery", id, "X-Gitea-Signature", hmac)
            : Map.of(
                "X-GitHub-Event", event,
                "X-GitHub-Delivery", id,
                "X-Hub-Signature-256", "sha256=" + hmac);
    assertThat(instance.post("/hooks/hub", headers, body).statusCode()).isEqualTo(202);
  }

  @Override
  public void close() {
    instance.close();
    forge.close();
  }
}
