package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.deno.DenoLayer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a killed server leaves on cgroup v2, where the kernel kills frozen processes too. Runs in
 * the virtual machine of {@code bin/test machine}.
 */
@Tag("cgroup2")
@Timeout(300)
class KilledServerTest {
  @TempDir private Path folder;

  @Test
  void neitherWaitingNorFrozenProcessesOutliveAKilledServerByASecond() throws Exception {
    Process server = WaitingServer.start(folder, true);
    try {
      assertThat(server.getInputStream().read()).isEqualTo('!');
      List<ProcessHandle> processes = new ArrayList<>();
      await("a sandbox waits")
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                processes.clear();
                server.descendants().forEach(processes::add);
                return count(processes, "/bwrap") == 4 && count(processes, "/deno") == 2;
              });
      long begin = System.nanoTime();
      server.destroyForcibly();
      await("processes end with their server")
          .pollInterval(Duration.ofMillis(20))
          .atMost(Duration.ofSeconds(30))
          .until(() -> processes.stream().noneMatch(KilledServerTest::runs));
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      System.out.printf(
          "%d processes ended %d ms after their server%n", processes.size(), took.toMillis());
      assertThat(took).isLessThan(Duration.ofSeconds(1));
    } finally {
      server.destroyForcibly().waitFor();
      new TestHost(folder, DenoLayer.ON).close(); // removes its mounts and cgroups
    }
  }

  private static long count(List<ProcessHandle> processes, String program) {
    return processes.stream()
        .filter(each -> each.info().command().orElse("").endsWith(program))
        .count();
  }

  /** A process without a parent that waits for it remains as a zombie on some machines. */
  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }
}
