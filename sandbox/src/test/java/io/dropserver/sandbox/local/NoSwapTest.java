package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Limits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A sandbox on a machine with a real swap file. Runs in the virtual machine of {@code bin/test
 * machine}.
 */
@Tag("cgroup2")
@Timeout(300)
class NoSwapTest {
  private static final long MIB = 1L << 20;
  private static final long MEMORY = 192 * MIB;

  private static final long WRITTEN = 48 * MIB;

  /** Writes {@link #WRITTEN}. */
  private static final String APP =
      """
      const block = new Uint8Array(48 << 20);
      for (let i = 0; i < block.length; i += 4096) block[i] = (i >> 12) % 251 + 1;
      export default { fetch: () => new Response(String(block.length)) };
      """;

  @TempDir private Path folder;
  private final Path file = Path.of("/var/tmp/swap-" + ProcessHandle.current().pid());

  @AfterEach
  void remove() throws Exception {
    if (Files.exists(file)) {
      command("swapoff", file.toString());
      Files.delete(file);
    }
  }

  @Test
  void memoryOfASleeperStaysInMemory() throws Exception {
    addSwap();
    try (TestHost test = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT);
        Sandboxes sandboxes = sandboxes(test)) {
      SandboxSpec spec = spec(test);
      Path group = open(sandboxes, spec);
      awaitAsleep(sandboxes, spec);
      long before = number(group, "memory.current");
      Files.writeString(group.resolve("memory.max"), Long.toString(before));
      await().pollDelay(Duration.ofSeconds(3)).until(() -> true);
      assertThat(number(group, "memory.swap.current")).isZero();
      assertThat(number(group, "memory.current")).isGreaterThan(WRITTEN);
    }
  }

  private void addSwap() throws Exception {
    command("fallocate", "-l", Long.toString(256 * MIB), file.toString());
    command("chmod", "600", file.toString());
    command("mkswap", file.toString());
    command("swapon", file.toString());
  }

  private static void command(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs("%s: %s", String.join(" ", words), output).isZero();
  }

  private static SandboxSpec spec(TestHost test) {
    Limits limits =
        new Limits(
            MEMORY,
            1000,
            64,
            1L << 30,
            Duration.ofSeconds(30),
            Duration.ofSeconds(1),
            Duration.ofHours(1),
            Limits.DEFAULT.requestBodyBytes(),
            Limits.AppspaceEgressLimits.DEFAULT);
    return test.spec(APP, AppRuntime.FETCH, limits);
  }

  /** Starts the sandbox, and returns its cgroup. */
  private static Path open(Sandboxes sandboxes, SandboxSpec spec) throws IOException {
    sandboxes.declare(spec);
    read(sandboxes, spec);
    Sandbox sandbox = sandboxes.running(spec.appspace()).orElseThrow();
    assertThat(sandbox.usage().memoryBytes()).isPositive();
    try (Stream<ProcessHandle> processes = ProcessHandle.current().descendants()) {
      long bubblewrap =
          processes
              .filter(each -> each.info().command().orElse("").endsWith("/bwrap"))
              .findFirst()
              .orElseThrow()
              .pid();
      String line = Files.readString(Path.of("/proc", Long.toString(bubblewrap), "cgroup"));
      return Path.of("/sys/fs/cgroup" + line.strip().substring("0::".length()));
    }
  }

  private static void awaitAsleep(Sandboxes sandboxes, SandboxSpec spec) {
    await().atMost(Duration.ofSeconds(60)).until(() -> sandboxes.isAsleep(spec.appspace()));
  }

  private static String read(Sandboxes sandboxes, SandboxSpec spec) throws IOException {
    try (Lease lease = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
      return get(lease.address());
    }
  }

  private static long number(Path group, String file) throws IOException {
    return Long.parseLong(Files.readString(group.resolve(file)).strip());
  }

  private static Sandboxes sandboxes(TestHost test) {
    return new Sandboxes(
        test.host,
        new LifecycleSettings(4, 1L << 30, Duration.ofSeconds(1), Duration.ofSeconds(1)),
        Clock.systemUTC(),
        new SleepInSandboxTest.Silent());
  }
}
