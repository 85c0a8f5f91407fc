package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.lifecycle.SandboxEvents;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.Reason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sandboxes that are frozen while they are not in use. */
@Tag("slow")
class SleepInSandboxTest {
  private static final long MIB = 1L << 20;
  private static final Limits SHORT = limits(96 * MIB, Duration.ofSeconds(1));
  private static final Limits LONG = limits(96 * MIB, Duration.ofHours(1));

  @TempDir private Path folder;

  private static Limits limits(long memory, Duration idle) {
    return new Limits(
        memory,
        1000,
        64,
        1L << 30,
        Duration.ofSeconds(30),
        idle,
        Duration.ofHours(1),
        Limits.DEFAULT.requestBodyBytes(),
        Limits.AppspaceEgressLimits.DEFAULT);
  }

  @Test
  void aSleepingAppGetsNoProcessorTime() throws Exception {
    String spins =
        """
        const worker = new Worker(
          "data:application/javascript," + encodeURIComponent("while (true) {}"),
          { type: "module" },
        );
        let ticks = 0;
        setInterval(() => ticks++, 10);
        export default { fetch: () => new Response(String(ticks)) };
        """;
    try (TestHost test = new TestHost(folder, DenoLayer.ON);
        Sandboxes sandboxes = sandboxes(test, 4, 400 * MIB)) {
      SandboxSpec spec = test.spec(spins, AppRuntime.FETCH, SHORT);
      sandboxes.declare(spec);
      read(sandboxes, spec);
      await().atMost(Duration.ofSeconds(30)).until(() -> sandboxes.isAsleep(spec.appspace()));
      Sandbox sandbox = sandboxes.running(spec.appspace()).orElseThrow();
      long before = sandbox.usage().cpuNanos();
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      assertThat(sandbox.usage().cpuNanos()).isEqualTo(before);
      int ticks = read(sandboxes, spec);
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(read(sandboxes, spec)).isGreaterThan(ticks));
      assertThat(sandboxes.running(spec.appspace())).as("the same process").contains(sandbox);
    }
  }

  @Test
  void moreAppspacesThanMayBeAwakeAreAllAnsweredWithinTheMemory() throws Exception {
    openEachOnce(10, 3, 420 * MIB);
  }

  @Test
  @Tag("long")
  void threeHundredAppspacesAreAllAnsweredWhereOneHundredMayBeAwake() throws Exception {
    openEachOnce(300, 100, 12_000 * MIB);
  }

  /** Opens each appspace once, then the first one again, which has slept or was stopped. */
  private void openEachOnce(int appspaces, int maxLive, long maxMemory) throws Exception {
    try (TestHost test = new TestHost(folder, DenoLayer.ON);
        Sandboxes sandboxes = sandboxes(test, maxLive, maxMemory)) {
      List<SandboxSpec> specs =
          IntStream.range(0, appspaces)
              .mapToObj(_ -> test.spec(answering("1"), AppRuntime.FETCH, LONG))
              .toList();
      List<Long> nanos = new ArrayList<>();
      for (SandboxSpec spec : specs) {
        sandboxes.declare(spec);
        assertThat(read(sandboxes, spec)).isEqualTo(1);
        assertThat(used(sandboxes)).isLessThanOrEqualTo(maxMemory);
        assertThat(sandboxes.live().size() - sandboxes.asleep()).isLessThanOrEqualTo(maxLive);
      }
      int kept = sandboxes.live().size();
      assertThat(kept).as("sleepers keep their memory").isGreaterThan(maxLive);
      for (SandboxSpec spec : specs.subList(appspaces - kept, appspaces)) {
        long begin = System.nanoTime();
        assertThat(read(sandboxes, spec)).isEqualTo(1);
        nanos.add(System.nanoTime() - begin);
        assertThat(used(sandboxes)).isLessThanOrEqualTo(maxMemory);
      }
      System.out.printf(
          "%d appspaces, %d awake at most, %d kept; second answer after %.1f ms (median)%n",
          appspaces, maxLive, kept, nanos.stream().sorted().toList().get(kept / 2) / 1e6);
      assertThat(read(sandboxes, specs.getFirst())).isEqualTo(1);
    }
  }

  private static long used(Sandboxes sandboxes) {
    return sandboxes.live().values().stream()
        .mapToLong(sandbox -> sandbox.usage().memoryBytes())
        .sum();
  }

  private static int read(Sandboxes sandboxes, SandboxSpec spec) throws IOException {
    try (Lease lease = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
      return Integer.parseInt(get(lease.address()));
    }
  }

  private static Sandboxes sandboxes(TestHost test, int maxLive, long maxMemory) {
    return new Sandboxes(
        test.host,
        new LifecycleSettings(maxLive, maxMemory, Duration.ofSeconds(1), Duration.ofSeconds(1)),
        Clock.systemUTC(),
        new Silent());
  }

  static final class Silent implements SandboxEvents {
    @Override
    public void started(String appspace) {}

    @Override
    public void stopped(String appspace) {}

    @Override
    public void ended(String appspace, Sandbox.Exit exit) {}

    @Override
    public void startFailed(String appspace, Reason reason, String message) {}

    @Override
    public void failureVoid(String appspace) {}
  }
}
