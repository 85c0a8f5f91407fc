package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.AppspaceUsage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An appspace that is not in use sleeps, and continues where it was. */
@Tag("slow")
class SleepTest {
  private static final String COUNTER =
      """
      let visits = 0;
      export default {
        fetch(request: Request) {
          visits++;
          if (new URL(request.url).pathname !== "/stream") return new Response(String(visits));
          const slow = new ReadableStream({
            async start(out) {
              for (let i = 0; i < 4; i++) {
                out.enqueue(new TextEncoder().encode("part " + i + "\\n"));
                await new Promise((done) => setTimeout(done, 1000));
              }
              out.close();
            },
          });
          return new Response(slow);
        },
      };
      """;

  @TempDir private Path folder;

  @Test
  void aSleepingAppspaceContinuesWhereItWasAndAKilledServerLeavesNoFrozenProcess()
      throws Exception {
    try (LiveInstance instance = LiveInstance.serving(folder)) {
      instance
          .repository()
          .write("apps/two/main.ts", COUNTER)
          .write(
              "appspaces/sleeper.yaml",
              MinimalInstance.appspace("sleeper", "2.0.0", false, 128)
                  .replace("storage: 16Mi", "storage: 16Mi, idleTimeout: 1s"))
          .push("A sleeper");
      assertThat(instance.sync().served()).isTrue();
      assertThat(instance.get("sleeper", "/").body()).isEqualTo("1");
      List<Long> nanos = new ArrayList<>();
      for (int visit = 2; visit <= 6; visit++) {
        awaitAsleep(instance);
        long begin = System.nanoTime();
        assertThat(instance.get("sleeper", "/").body()).isEqualTo(String.valueOf(visit));
        nanos.add(System.nanoTime() - begin);
      }
      System.out.printf(
          "asleep to response: %.1f ms (median of 5)%n",
          nanos.stream().sorted().toList().get(2) / 1e6);
      assertThat(instance.get("sleeper", "/stream").body())
          .as("a response in progress is a use")
          .endsWith("part 3\n");

      awaitAsleep(instance);
      List<ProcessHandle> processes =
          ProcessHandle.of(instance.server().pid()).orElseThrow().descendants().toList();
      assertThat(processes).isNotEmpty();
      instance.kill();
      instance.start();
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(() -> assertThat(processes).noneMatch(ProcessHandle::isAlive));
      assertThat(instance.get("sleeper", "/").body()).isEqualTo("1");
    }
  }

  private static void awaitAsleep(LiveInstance instance) {
    await()
        .atMost(LiveInstance.TIMEOUT)
        .until(
            () ->
                instance
                    .object("Appspace", "sleeper")
                    .usage()
                    .filter(AppspaceUsage::asleep)
                    .isPresent());
  }
}
