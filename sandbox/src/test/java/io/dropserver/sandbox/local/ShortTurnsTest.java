package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.isolation.Scheduling;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sandboxes of a server in {@code SCHED_BATCH}, as {@code bin/dropserver} starts it. */
final class ShortTurnsTest {
  /** A worker that begins the next one, and ends: threads come and go all the time. */
  private static final String WORKERS =
      "const code = 'postMessage(1)'; const url = URL.createObjectURL(new Blob([code]));"
          + " let made = 0; function begin() {"
          + " const one = new Worker(url, { type: 'module' }); made++;"
          + " one.onmessage = () => { one.terminate(); setTimeout(begin, 0); }; }"
          + " for (let i = 0; i < 3; i++) begin();";

  @TempDir Path folder;
  private int before;

  @BeforeEach
  void waitInTurn() {
    before = Scheduling.policy();
    Scheduling.turns(0, ThreadPolicies.BATCH, Duration.ZERO);
  }

  @AfterEach
  void asBefore() {
    Scheduling.turns(0, before, Duration.ZERO);
  }

  @Test
  void everyThreadHasThemAndGivesThemBackWithThoseThatItBeganMeanwhile() throws Exception {
    try (TestHost inner = new TestHost(folder, DenoLayer.ON)) {
      ShortTurns turns = new ShortTurns();
      LocalSandbox sandbox =
          started(
              inner,
              TestHost.answering(
                  "(new Worker(URL.createObjectURL(new Blob(['setInterval(() => 1, 10)'])),"
                      + " { type: 'module' }), 1)"));
      assertThat(policies(sandbox)).as("as the server").containsExactly(ThreadPolicies.BATCH);

      turns.give(sandbox);
      assertThat(policies(sandbox)).containsExactly(Scheduling.USUAL);
      Set<Integer> known = new HashSet<>(sandbox.threads());
      assertThat(TestHost.get(sandbox)).isEqualTo("1");
      Awaitility.await().until(() -> !known.containsAll(sandbox.threads()));
      assertThat(policies(sandbox)).as("what its maker has").containsExactly(Scheduling.USUAL);

      turns.takeBack(sandbox);
      assertThat(policies(sandbox)).containsExactly(ThreadPolicies.BATCH);
      sandbox.stop(Duration.ofMillis(200));
    }
  }

  /** Each look may miss what begins while it looks, none may be left in the end. */
  @Test
  void whoBeginsThreadsAllTheTimeKeepsNone() throws Exception {
    try (TestHost inner = new TestHost(folder, DenoLayer.ON)) {
      ShortTurns turns = new ShortTurns();
      LocalSandbox sandbox = started(inner, WORKERS + TestHost.answering("made"));
      for (int round = 0; round < 5; round++) {
        int made = Integer.parseInt(TestHost.get(sandbox));
        turns.give(sandbox);
        Thread.sleep(200);
        turns.takeBack(sandbox);
        Thread.sleep(200);
        turns.takeBack(sandbox);
        for (int look = 0; look < 20; look++) {
          assertThat(policies(sandbox)).containsExactly(ThreadPolicies.BATCH);
          Thread.sleep(20);
        }
        assertThat(Integer.parseInt(TestHost.get(sandbox))).isGreaterThan(made);
      }
      sandbox.stop(Duration.ofMillis(200));
    }
  }

  private static LocalSandbox started(TestHost inner, String code) {
    LocalSandbox sandbox = (LocalSandbox) inner.host.start(inner.spec(code));
    Assumptions.assumeTrue(!sandbox.threads().isEmpty(), "this user may not use cgroups");
    return sandbox;
  }

  private static Set<Integer> policies(LocalSandbox sandbox) {
    return ThreadPolicies.of(sandbox.threads());
  }
}
