package io.dropserver.sandbox.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/**
 * Two appspaces that run the same version of an app share many files. They try to use each of them
 * to send a bit to the other.
 */
@Timeout(120)
@Tag("slow")
class SharedInodesTest {
  private static final Duration GRACE = Duration.ofSeconds(5);

  @TempDir private Path folder;

  @Test
  void sharedFilesCarryNoLockBetweenSandboxes() throws Exception {
    try (Pair pair = pair(DenoLayer.OFF, Isolation.NAMESPACES)) {
      assertThat(pair.ask(pair.sender, "lockAll"))
          .contains(
              "/app/main.ts ",
              "/dev/null ",
              "/dev/urandom ",
              "/dropserver/deno ",
              "/dropserver/deno.json ",
              "/dropserver/runtime/preload.ts ",
              "libc.so.6 ");
      assertThat(pair.ask(pair.receiver, "lockedByOthers")).isEmpty();
    }
  }

  @Test
  void noLockIsCarriedThroughDenosOwnCalls() throws Exception {
    try (Pair pair = pair(DenoLayer.ON, Isolation.NAMESPACES)) {
      assertThat(pair.ask(pair.sender, "lockAll"))
          .contains("/app/main.ts ", "/dropserver/runtime/preload.ts ");
      assertThat(pair.ask(pair.receiver, "lockedByOthers")).isEmpty();
    }
  }

  @Test
  void noLockIsCarriedBetweenSecondKernels() throws Exception {
    try (Pair pair = pair(DenoLayer.OFF, Isolation.GVISOR)) {
      assertThat(pair.ask(pair.sender, "lockAll")).contains("/app/main.ts ", "/dropserver/deno ");
      assertThat(pair.ask(pair.receiver, "lockedByOthers")).isEmpty();
    }
  }

  @Test
  void recordLocksLeasesAndWatchesOfOneSandboxAreNotSeenInAnother() throws Exception {
    try (Pair pair = pair(DenoLayer.OFF, Isolation.NAMESPACES)) {
      for (String file : new String[] {"/app/letter", "/dropserver/deno", "/dev/null"}) {
        assertThat(pair.ask(pair.receiver, "watch", file)).isEqualTo("1");
        assertThat(pair.ask(pair.sender, "recordLock", file)).isEqualTo("0");
        assertThat(pair.ask(pair.receiver, "watched")).as(file).isEqualTo("-1");
        assertThat(pair.ask(pair.receiver, "recordLocked", file)).as(file).isEqualTo("false");
      }
      // Only the owner of a file may take a lease, and sandboxes own no shared file.
      assertThat(pair.ask(pair.sender, "lease", "/app/letter")).isEqualTo("-1");
    }
  }

  @Test
  void noSandboxWakesAnotherThroughAPageOfDenosProgram() throws Exception {
    try (Pair pair = pair(DenoLayer.OFF, Isolation.NAMESPACES)) {
      CompletableFuture<String> wait =
          CompletableFuture.supplyAsync(() -> pair.askUnchecked(pair.receiver, "wait"));
      int woken = 0;
      while (!wait.isDone()) {
        woken += Math.max(0, Integer.parseInt(pair.ask(pair.sender, "wake")));
      }
      assertThat(woken).isZero();
      assertThat(wait.get()).isEqualTo("-1");
    }
  }

  private Pair pair(DenoLayer layer, Isolation isolation) throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts overlays");
    TestHost test = new TestHost(folder, layer, TestHost.TIMEOUT).behind(isolation);
    if (isolation == Isolation.GVISOR) {
      requireGvisor(test);
    }
    SandboxSpec first = test.spec(code(), AppRuntime.FETCH, TestHost.LIMITS);
    Files.writeString(first.app().files().resolve("letter"), "letter");
    SandboxSpec other = test.spec(code(), AppRuntime.FETCH, TestHost.LIMITS);
    SandboxSpec second =
        new SandboxSpec(
            other.appspace(),
            first.app(),
            other.dataFolder(),
            other.uid(),
            other.url(),
            new TreeMap<>(),
            other.limits(),
            isolation,
            EgressPolicy.NOTHING);
    return new Pair(test, test.host.start(first), test.host.start(second));
  }

  private static void requireGvisor(TestHost test) {
    try {
      test.assumeGvisor();
    } catch (TestAbortedException unavailable) {
      test.close();
      throw unavailable;
    }
  }

  private record Pair(TestHost test, Sandbox sender, Sandbox receiver) implements AutoCloseable {

    String ask(Sandbox sandbox, String action) throws IOException {
      return ask(sandbox, action, "");
    }

    String ask(Sandbox sandbox, String action, String path) throws IOException {
      return TestHost.get(sandbox.address(), "/?do=" + action + "&path=" + path);
    }

    String askUnchecked(Sandbox sandbox, String action) {
      try {
        return ask(sandbox, action);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void close() {
      sender.stop(GRACE);
      receiver.stop(GRACE);
      test.close();
    }
  }

  private static String code() throws IOException {
    try (var input = SharedInodesTest.class.getResourceAsStream("shared_inodes.ts")) {
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
