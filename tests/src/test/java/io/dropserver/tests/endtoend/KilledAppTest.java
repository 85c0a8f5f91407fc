package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Deno is killed with SIGKILL while a person uses the app. Only one of the continuous requests
 * fails.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledAppTest {
  private static final int REQUESTS_BEFORE = 20;
  private static final int REQUESTS_AFTER = 20;
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init") // set before all tests
  private LiveInstance instance;

  @BeforeAll
  void start() throws Exception {
    instance = LiveInstance.create(folder);
    instance
        .repository()
        .copyFrom(Checkout.root().resolve("example-instance-repo"))
        .replace("appspaces/diary.yaml", "access: members", "access: public")
        .push("Begin with the example");
    instance.start();
    assertThat(instance.sync().served()).isTrue();
  }

  @AfterAll
  void stop() {
    instance.close();
  }

  @ParameterizedTest
  @CsvSource({"diary, Journal", "recipes, Recipes", "shopping, Shopping"})
  void killingTheProcessOfAnAppCostsAtMostOneRequest(String host, String app) throws Exception {
    assertThat(instance.get(host, "/").statusCode()).isEqualTo(200);
    ProcessHandle deno = SandboxProcesses.deno(instance.state(), app);
    AtomicInteger served = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    CompletableFuture<Void> requests =
        CompletableFuture.runAsync(
            () -> {
              while (!enough.get()) {
                (answers(host) ? served : failed).incrementAndGet();
              }
            });
    try {
      await().atMost(TIMEOUT).until(() -> served.get() >= REQUESTS_BEFORE);
      assertThat(failed).hasValue(0);
      assertThat(deno.destroyForcibly()).isTrue();
      int before = served.get();
      await("served again by itself, after " + failed + " failures")
          .atMost(TIMEOUT)
          .until(() -> served.get() >= before + REQUESTS_AFTER);
    } finally {
      enough.set(true);
      requests.join();
    }
    assertThat(failed.get()).as("requests that failed").isLessThanOrEqualTo(1);
    assertThat(SandboxProcesses.deno(instance.state(), app).pid()).isNotEqualTo(deno.pid());
  }

  private boolean answers(String host) {
    try {
      return instance.get(host, "/").statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
