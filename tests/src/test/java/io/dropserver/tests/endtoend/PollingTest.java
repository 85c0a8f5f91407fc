package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A server without webhooks detects a push by itself within the poll interval. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PollingTest {
  private static final Duration INTERVAL = Duration.ofSeconds(3);

  /**
   * The interval has a jitter of one twentieth. A change takes two seconds, and longer under load.
   */
  private static final Duration LIVE_WITHIN =
      INTERVAL.multipliedBy(21).dividedBy(20).plusSeconds(10);

  private static final String FILE = "appspaces/second.yaml";

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private LiveInstance instance;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private ConfigRepository repository;

  @BeforeAll
  void start() throws Exception {
    instance = LiveInstance.create(folder);
    repository = instance.repository();
    CommandLineProgram init = CommandLineProgram.run("init", folder.resolve("initial").toString());
    assertThat(init.exitCode()).as(init.err()).isZero();
    repository
        .copyFrom(folder.resolve("initial"))
        .replace("instance.yaml", "interval: 30s", "interval: " + INTERVAL.toSeconds() + "s")
        .push("Begin");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
  }

  @AfterAll
  void stop() {
    instance.close();
  }

  @Test
  @Order(1)
  void anAddedAppspaceIsLiveWithinTheInterval() throws Exception {
    repository.write(FILE, FollowingTest.appspace("second", "1.0.0", ""));
    push("Add second", () -> body().contains("Visit "));
  }

  @Test
  @Order(2)
  void changedLimitsAreLiveWithinTheInterval() throws Exception {
    repository.write(
        FILE, FollowingTest.appspace("second", "1.0.0", "  limits: {memory: 192Mi}\n"));
    String commit = push("Give second less memory", () -> followed());
    assertThat(instance.status().revision().served()).contains(commit);
    assertThat(body()).contains("Visit ");
  }

  @Test
  @Order(3)
  void aPauseIsLiveWithinTheInterval() throws Exception {
    repository.write(FILE, FollowingTest.appspace("second", "1.0.0", "  state: paused\n"));
    push("Pause second", () -> status() == 404);
  }

  @Test
  @Order(4)
  void anUpgradeIsLiveWithinTheInterval() throws Exception {
    repository
        .replace("apps/hello/main.ts", "Visit ${visit}.", "Round ${visit}.")
        .replace("apps/hello/dropapp.json", "1.0.0", "2.0.0")
        .replace(
            "apps/hello.yaml", "version: 1.0.0, source: {path", "version: 2.0.0, source: {path")
        .replace("appspaces/hello.yaml", "1.0.0", "2.0.0")
        .write(FILE, FollowingTest.appspace("second", "2.0.0", ""));
    push("Upgrade to 2.0.0", () -> body().contains("Round "));
  }

  @Test
  @Order(5)
  void aRemovalIsLiveWithinTheInterval() throws Exception {
    repository.remove(FILE);
    push("Remove second", () -> status() == 404);
  }

  /** Pushes and waits until the change is live. */
  private String push(String message, Callable<Boolean> live) throws Exception {
    String commit = repository.push(message);
    await(message).atMost(LIVE_WITHIN).pollInterval(Duration.ofMillis(50)).until(live);
    return commit;
  }

  private boolean followed() throws Exception {
    return instance.status().revision().served().equals(Optional.of(repository.head()));
  }

  private int status() throws Exception {
    return instance.get("second", "/").statusCode();
  }

  private String body() throws Exception {
    return instance.get("second", "/").body();
  }
}
