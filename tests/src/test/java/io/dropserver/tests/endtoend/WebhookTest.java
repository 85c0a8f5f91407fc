package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Pushes to a remote that is polled once an hour, and the webhooks of a forge about them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WebhookTest {
  private static final Duration PROMISED = Duration.ofSeconds(1);

  /** Allows for a machine with other load. */
  private static final Duration AT_MOST = Duration.ofSeconds(10);

  private static final Duration NOTHING_HAPPENS = Duration.ofMillis(700);

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private LiveInstance instance;

  private int deliveries;

  @BeforeAll
  void start() throws Exception {
    secret("new", "the new secret\n");
    secret("old", "the old secret");
    Path config = folder.resolve("dropserver.yaml");
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        webhooks:
          hub: {type: github, secretFiles: [new, old]}
          tea: {type: gitea, secretFiles: [new, old]}
          lab: {type: gitlab, secretFiles: [new, old]}
        """);
    instance = LiveInstance.tiny(folder, "--config", config.toString());
    push("first");
    instance.start();
    await().atMost(LiveInstance.TIMEOUT).until(() -> instance.status().ready());
  }

  @AfterAll
  void stop() {
    instance.close();
  }

  @Test
  void aPushIsLiveWithinASecondOfADelivery() throws Exception {
    List<Duration> durations = new ArrayList<>();
    for (String hook : List.of("hub", "tea", "lab")) {
      durations.add(timeFromADelivery(hook, "by-" + hook));
    }
    // Another load on the machine can last longer than three pushes.
    for (int i = 0; i < 9 && Collections.min(durations).compareTo(PROMISED) >= 0; i++) {
      durations.add(timeFromADelivery("hub", "again-" + i));
    }
    assertThat(Collections.min(durations)).as("of " + durations).isLessThan(PROMISED);
  }

  /** Returns the time from the delivery of a push to the first page of a new appspace. */
  private Duration timeFromADelivery(String hook, String appspace) throws Exception {
    String commit = push(appspace);
    Instant delivered = Instant.now();
    assertThat(deliver(hook, "the old secret", body()).statusCode()).isEqualTo(202);
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(AT_MOST)
        .untilAsserted(
            () -> assertThat(instance.get(appspace, "/").body()).isEqualTo("version 1.0.0"));
    Duration time = Duration.between(delivered, Instant.now());
    assertThat(instance.status().revision().served()).contains(commit);
    return time;
  }

  @Test
  void unsignedAndRepeatedDeliveriesHaveNoEffect() throws Exception {
    String body = body();
    assertThat(deliver("hub", "the new secret", body).statusCode()).isEqualTo(202);
    Optional<Instant> seen = afterThisLook();
    push("hidden");
    for (String hook : List.of("hub", "tea", "lab")) {
      assertThat(deliver(hook, "a guess", body()).statusCode()).isEqualTo(401);
    }
    assertThat(deliver("hub", "the new secret", body).body()).contains("already received");
    await().during(NOTHING_HAPPENS).until(() -> instance.status().revision().seenAt().equals(seen));
    assertThat(instance.get("hidden", "/").statusCode()).isEqualTo(404);
  }

  @Test
  void aSecretFileThatIsReplacedCountsAtOnce() throws Exception {
    var refused = deliver("lab", "a third secret", body());
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("Connection")).as("unread body").hasValue("close");
    secret("new", "a third secret\n");
    assertThat(deliver("lab", "a third secret", body()).statusCode()).isEqualTo(202);
    Files.delete(folder.resolve("old"));
    assertThat(deliver("lab", "the old secret", body()).statusCode()).isEqualTo(401);
    assertThat(deliver("lab", "a third secret", body()).statusCode()).isEqualTo(202);
    secret("old", "the old secret");
    secret("new", "the new secret\n");
  }

  /** Returns the time of the last poll, after the requested poll has ended. */
  private Optional<Instant> afterThisLook() {
    instance.sync();
    return instance.status().revision().seenAt();
  }

  private String push(String appspace) throws Exception {
    ConfigRepository repository = instance.repository();
    repository.write(
        "appspaces/" + appspace + ".yaml", MinimalInstance.appspace(appspace, "1.0.0", false, 128));
    return repository.push("Add " + appspace);
  }

  /** Returns a different body each time, like a real forge. */
  private String body() {
    deliveries++;
    return "{\"ref\": \"refs/heads/main\", \"number\": " + deliveries + "}";
  }

  private java.net.http.HttpResponse<String> deliver(String hook, String secret, String body)
      throws Exception {
    return instance.post("/hooks/" + hook, headers(hook, secret, body), body);
  }

  private static Map<String, String> headers(String hook, String secret, String body)
      throws Exception {
    String id = HexFormat.of().toHexDigits(body.hashCode());
    return switch (hook) {
      case "hub" ->
          Map.of(
              "X-GitHub-Event",
              "push",
              "X-GitHub-Delivery",
              id,
              "X-Hub-Signature-256",
              "sha256=" + hmac(secret, body));
      case "tea" ->
          Map.of(
              "X-Gitea-Event",
              "push",
              "X-Gitea-Delivery",
              id,
              "X-Gitea-Signature",
              hmac(secret, body));
      case "lab" ->
          Map.of(
              "X-Gitlab-Event", "Push Hook",
              "X-Gitlab-Event-UUID", id,
              "X-Gitlab-Token", secret);
      default -> throw new IllegalArgumentException(hook);
    };
  }

  private static String hmac(String secret, String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
  }

  private static void secret(String name, String text) throws Exception {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }
}
