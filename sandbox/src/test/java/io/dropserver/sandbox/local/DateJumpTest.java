package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.base.concurrent.MonotonicClock;
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
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real sandbox that sleeps while the date of the machine is set. Runs in the virtual machine of
 * {@code bin/test machine}.
 */
@Tag("cgroup2")
@Timeout(300)
class DateJumpTest {
  private static final Duration STOP_AFTER = Duration.ofHours(1);

  /** Serves its date, a timer and an endless stream of events. */
  private static final String APP =
      """
      let fired = 0;
      const fetch = (request: Request) => {
        const path = new URL(request.url).pathname;
        if (path === "/timer") {
          fired = 0;
          setTimeout(() => fired = Date.now(), 3000);
        }
        if (path !== "/events") return new Response(`${Date.now()} ${fired}`);
        let timer = 0;
        return new Response(new ReadableStream({
          start(stream) {
            let count = 0;
            timer = setInterval(() => stream.enqueue(new TextEncoder().encode(`<${count++}>`)), 200);
          },
          cancel: () => clearInterval(timer),
        }));
      };
      export default { fetch };
      """;

  private static final Pattern EVENT = Pattern.compile("<(\\d+)>");

  @TempDir private Path folder;

  /** The machine has this file, and its date concerns nothing else. */
  @BeforeAll
  static void needsTheVirtualMachine() {
    assumeTrue(Files.exists(Path.of("/test-command")), "sets the date of the machine");
  }

  @Test
  void aSleepingAppContinuesAndIsNeitherStoppedNorKeptWhenTheDateJumps() throws Exception {
    Instant begin = Instant.now();
    long beginNanos = System.nanoTime();
    try (TestHost test = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT);
        Sandboxes sandboxes =
            new Sandboxes(
                test.host,
                new LifecycleSettings(4, 1L << 30, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                new MonotonicClock(Clock.systemUTC()),
                new SleepInSandboxTest.Silent())) {
      SandboxSpec spec = test.spec(APP, AppRuntime.FETCH, limits(STOP_AFTER));
      sandboxes.declare(spec);
      try (SocketChannel events = events(sandboxes, spec)) {
        Sandbox sandbox = sandboxes.running(spec.appspace()).orElseThrow();
        for (Duration jump : List.of(Duration.ofDays(3), Duration.ofDays(-10))) {
          var _ = read(sandboxes, spec, "/timer");
          awaitAsleep(sandboxes, spec);
          int before = drain(events);
          set(Instant.now().plus(jump));
          await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
          assertThat(sandboxes.isAsleep(spec.appspace())).as("after %s", jump).isTrue();

          List<Long> state = read(sandboxes, spec, "/");
          assertThat(Instant.ofEpochMilli(state.getFirst()))
              .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
          await()
              .atMost(Duration.ofSeconds(60))
              .untilAsserted(() -> assertThat(read(sandboxes, spec, "/").get(1)).isPositive());
          assertThat(sandboxes.running(spec.appspace())).contains(sandbox);
          try (Lease _ = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
            assertThat(read(events)).as("the stream continues").isGreaterThan(before);
          }
        }
        awaitAsleep(sandboxes, spec);
        sandboxes.declare(spec.withLimits(limits(Duration.ofSeconds(1))));
        await()
            .atMost(Duration.ofSeconds(60))
            .untilAsserted(() -> assertThat(sandboxes.running(spec.appspace())).isEmpty());
      }
    } finally {
      set(begin.plusNanos(System.nanoTime() - beginNanos));
    }
  }

  private static void set(Instant date) throws Exception {
    Process process =
        new ProcessBuilder("date", "-s", "@" + date.getEpochSecond()).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  private static void awaitAsleep(Sandboxes sandboxes, SandboxSpec spec) {
    await().atMost(Duration.ofSeconds(60)).until(() -> sandboxes.isAsleep(spec.appspace()));
  }

  /** Returns the app's date and when its timer fired, in milliseconds. */
  private static List<Long> read(Sandboxes sandboxes, SandboxSpec spec, String path)
      throws IOException {
    try (Lease lease = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
      return List.of(get(lease.address(), path).strip().split(" ")).stream()
          .map(Long::valueOf)
          .toList();
    }
  }

  /** Opens a stream of events, which does not count as use after the first event. */
  private static SocketChannel events(Sandboxes sandboxes, SandboxSpec spec) throws IOException {
    try (Lease lease = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
      SocketChannel channel = SocketChannel.open(lease.address());
      var _ =
          channel.write(
              StandardCharsets.US_ASCII.encode("GET /events HTTP/1.1\r\nHost: x\r\n\r\n"));
      assertThat(read(channel)).isNotNegative();
      return channel;
    }
  }

  /** Reads the events that have arrived, and returns the number of the last one. */
  private static int drain(SocketChannel channel) throws IOException {
    channel.configureBlocking(false);
    try {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
      assertThat(channel.read(buffer)).as("the stream has ended").isNotNegative();
      return last(buffer);
    } finally {
      channel.configureBlocking(true);
    }
  }

  /** Blocks until events arrive, and returns the number of the last one. */
  private static int read(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    while (last(buffer) < 0) {
      assertThat(channel.read(buffer)).as("the stream has ended").isPositive();
    }
    return last(buffer);
  }

  private static int last(ByteBuffer received) {
    String text = StandardCharsets.US_ASCII.decode(received.duplicate().flip()).toString();
    return EVENT
        .matcher(text)
        .results()
        .mapToInt(each -> Integer.parseInt(each.group(1)))
        .max()
        .orElse(-1);
  }

  private static Limits limits(Duration stopAfter) {
    return new Limits(
        128L << 20,
        1000,
        64,
        1L << 30,
        Duration.ofSeconds(30),
        Duration.ofSeconds(1),
        stopAfter,
        Limits.DEFAULT.requestBodyBytes(),
        Limits.AppspaceEgressLimits.DEFAULT);
  }
}
