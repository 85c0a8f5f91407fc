package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Reason;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.isolation.Programs;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What gVisor provides in addition to the namespaces, with Deno's own layer off. */
@Timeout(120)
@Tag("slow")
class SecondKernelTest {
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final int OWN_THREADS = 96;

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // each test opens it
  private TestHost test;

  @AfterEach
  void close() {
    test.close();
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private void open() {
    test = new TestHost(folder, DenoLayer.OFF, TestHost.TIMEOUT).behind(Isolation.GVISOR);
    test.assumeGvisor();
  }

  private String answer(String expression) throws Exception {
    Sandbox sandbox = test.host.start(test.spec(answering(expression)));
    try {
      return get(sandbox);
    } finally {
      sandbox.stop(GRACE);
    }
  }

  @Test
  void anAppTalksToAnotherKernelThanTheHosts() throws Exception {
    open();
    String hosts = Files.readString(Path.of("/proc/version")).strip();
    assertThat(answer("Deno.readTextFileSync('/proc/version')").strip())
        .startsWith("Linux version ")
        .isNotEqualTo(hosts);
  }

  @Test
  void noPathOfTheHostIsRevealedNotEvenByTheMountTable() throws Exception {
    open();
    assertThat(
            answer(
                """
                ['mountinfo', 'cmdline', 'environ'].map((name) =>
                  Deno.readTextFileSync('/proc/1/root/proc/self/' + name)).join()
                """))
        .contains("/run/app")
        .doesNotContain(folder.toString());
  }

  @Test
  void anAppHasNoCapabilityAndListensOnNoNetwork() throws Exception {
    open();
    assertThat(answer("Deno.readTextFileSync('/proc/self/status')"))
        .contains("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000");
    // In a worker, where no preload refuses it first.
    assertThat(
            answer(
                """
                new Promise((done) => {
                  const source = `try { Deno.listen({ port: 8080 }); postMessage('listens'); }
                    catch (error) { postMessage(error.name); }`;
                  const url = 'data:text/javascript,' + encodeURIComponent(source);
                  const worker = new Worker(url, { type: 'module' });
                  worker.onmessage = (event) => done(event.data);
                })
                """))
        .isEqualTo("PermissionDenied");
    assertThat(answer("Deno.writeTextFile('/dev/x', 'y')")).contains("Read-only");
  }

  @Test
  void memoryBeyondTheLimitEndsTheAppAlone() throws Exception {
    open();
    assumeTrue(hasCgroups(), "no cgroup that this test may write");
    Sandbox quiet = test.host.start(test.spec(answering("'well'")));
    Sandbox bomb =
        test.host.start(
            test.spec(
                answering(
                    """
                    (() => {
                      const kept = [];
                      setInterval(() => kept.push(new Uint8Array(16 << 20).fill(1)), 1);
                      return 'begun';
                    })()
                    """)));
    assertThat(get(bomb)).isEqualTo("begun");
    Sandbox.Exit exit = bomb.exit().toCompletableFuture().get(60, TimeUnit.SECONDS);
    assertThat(exit.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    assertThat(get(quiet)).isEqualTo("well");
  }

  @Test
  void aForkBombStaysWithinItsProcessesAndDiesWhole() throws Exception {
    open();
    assumeTrue(hasCgroups(), "no cgroup that this test may write");
    Limits limits =
        new Limits(
            512L << 20,
            1000,
            32,
            1L << 30,
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Limits.DEFAULT.stopAfter(),
            Limits.DEFAULT.requestBodyBytes(),
            Limits.AppspaceEgressLimits.DEFAULT);
    Sandbox bomb =
        test.host.start(
            test.spec(
                answering(
                    """
                    (() => {
                      setInterval(() => {
                        try {
                          new Deno.Command('/dropserver/deno', { args: ['eval', '--no-config',
                            'setInterval(() => {}, 1000)'], env: { DENO_DIR: '/tmp/d' } }).spawn();
                        } catch { /* at the limit */ }
                      }, 5);
                      return 'begun';
                    })()
                    """),
                AppRuntime.FETCH,
                limits));
    assertThat(get(bomb)).isEqualTo("begun");
    int most = limits.processes() + OWN_THREADS;
    // Either the bomb reaches its limit, or its kernel gives up. In both cases nothing else is
    // affected.
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                bomb.exit().toCompletableFuture().isDone() || bomb.usage().processes() > most - 20);
    assertThat(bomb.usage().processes()).isLessThanOrEqualTo(most);
    bomb.stop(GRACE);
    assertThat(bomb.exit().toCompletableFuture()).isCompleted();
    assertThat(answer("'next'")).isEqualTo("next");
  }

  @Test
  void aSecondKernelThatIsMissingIsRefusedWithItsRemedy() {
    test =
        new TestHost(folder, DenoLayer.ON, withoutRunsc(TestHost.PROGRAMS))
            .behind(Isolation.GVISOR);
    assertThatThrownBy(() -> test.host.start(test.spec(answering("1"))))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("apt-get install runsc")
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.ISOLATION_UNAVAILABLE);
  }

  /** Like the release in Debian 12, which runs a simple container but no appspace. */
  @Test
  void aReleaseThatCannotRunAppspacesIsRefusedWithTheReleaseThatCan() throws Exception {
    assertThatThrownBy(() -> require("#!/bin/sh\necho 'runsc version 0.0~20221219.0'\n"))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("it is release 20221219")
        .hasMessageContaining("install release 20240729 or newer");
  }

  @Test
  void aSecondKernelThatCannotRunAContainerIsRefusedWithTheReleaseThatCan() throws Exception {
    assertThatThrownBy(() -> require("#!/bin/sh\necho cannot read >&2\nexit 128\n"))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("status 128: cannot read")
        .hasMessageContaining("install release 20240729 or newer");
  }

  /** Requires gVisor of a host whose runsc is this script. */
  private void require(String script) throws IOException {
    Path runsc = Files.writeString(folder.resolve("runsc"), script);
    Files.setPosixFilePermissions(runsc, PosixFilePermissions.fromString("rwxr-xr-x"));
    Programs found = TestHost.PROGRAMS;
    test =
        new TestHost(
            folder,
            DenoLayer.ON,
            new Programs(
                found.shell(),
                found.bubblewrap(),
                found.setpriv(),
                found.nsenter(),
                found.unshare(),
                Optional.of(runsc)));
    test.host.requireIsolation(Isolation.GVISOR);
  }

  @Test
  void aMicroVirtualMachineIsRefusedWithTheAvailableAlternatives() {
    test = new TestHost(folder, DenoLayer.ON).behind(Isolation.MICROVM);
    assertThatThrownBy(() -> test.host.start(test.spec(answering("1"))))
        .hasMessageContaining("microvm")
        .hasMessageContaining("use isolation: gvisor")
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.ISOLATION_UNAVAILABLE);
  }

  @Test
  void aColdStartIsMeasured() throws Exception {
    open();
    var spec = test.spec(answering("'hello'"));
    CodeCache.fill(spec, folder);
    long[] millis = new long[5];
    for (int run = 0; run < millis.length; run++) {
      long begin = System.nanoTime();
      Sandbox sandbox = test.host.start(spec);
      assertThat(get(sandbox)).isEqualTo("hello");
      millis[run] = (System.nanoTime() - begin) / 1_000_000;
      System.out.printf(
          "gVisor: %d ms, %d MiB, %d host threads%n",
          millis[run], sandbox.usage().memoryBytes() >> 20, sandbox.usage().processes());
      sandbox.stop(GRACE);
    }
    Arrays.sort(millis);
    // Generous, because other builds share the CPU.
    assertThat(millis[millis.length / 2]).isLessThan(20_000);
  }

  private boolean hasCgroups() {
    return test.host.layers().stream()
        .anyMatch(layer -> layer.name().equals("cgroup") && layer.present());
  }

  private static Programs withoutRunsc(Programs all) {
    return new Programs(
        all.shell(),
        all.bubblewrap(),
        all.setpriv(),
        all.nsenter(),
        all.unshare(),
        Optional.empty());
  }
}
