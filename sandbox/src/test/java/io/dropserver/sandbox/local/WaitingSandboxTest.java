package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** How real sandboxes wait for an appspace, and what remains of them. */
class WaitingSandboxTest extends WaitingFixture {
  private static final int PAIRS = 7;

  /** The time for which a sandbox waits at least before it is measured. */
  private static final long SPACING_MILLIS = 500;

  @Test
  void aProgramThatServesByItselfCanUseIt() throws Exception {
    SandboxSpec spec =
        test.spec(
            "if (!import.meta.main) throw new Error('not main');"
                + "Deno.serve(() => new Response(Deno.env.get('DROPSERVER_APPSPACE')));",
            AppRuntime.SERVE,
            TestHost.LIMITS);
    ProcessHandle waiting = keepWaiting(spec);
    Sandbox sandbox = test.host.start(spec);
    assertThat(get(sandbox)).isEqualTo(spec.appspace());
    assertThat(denos()).contains(waiting);
    sandbox.stop(GRACE);
    assertThat(sandbox.exit().toCompletableFuture().join().reason())
        .isEqualTo(Sandbox.Reason.STOPPED);
  }

  @Test
  void anAppThatFailsRunsOnceAndTheReasonIsShown() throws Exception {
    SandboxSpec spec =
        test.spec(
            "Deno.writeTextFileSync('/data/n', '1', {append: true}); throw new Error('broken');");
    var _ = keepWaiting(spec);
    assertThatThrownBy(() -> test.host.start(spec))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("broken");
    assertThat(spec.dataFolder().resolve("n")).hasContent("1");
  }

  @Test
  void anotherKernelAndALocaleTakeAnOrdinaryStart() throws Exception {
    SandboxSpec spec = test.spec(answering("Deno.env.get('LC_ALL')"));
    SandboxSpec gvisor = with(spec, spec.config(), Isolation.GVISOR);
    assertThat(test.host.keepWaiting(List.of(gvisor))).isZero();
    ProcessHandle waiting = keepWaiting(spec);
    SortedMap<String, String> config = new TreeMap<>();
    config.put("LC_ALL", "de_DE.UTF-8");
    assertThat(response(with(spec, config, Isolation.NAMESPACES))).isEqualTo("de_DE.UTF-8");
    assertThat(waiting.isAlive()).isTrue();
  }

  @Test
  void aFileSystemThatCannotShowAnotherOwnerTakesAnOrdinaryStart() throws Exception {
    SandboxSpec spec = test.spec(answering("Deno.writeTextFile('/data/x', '1').then(() => 'ok')"));
    Files.createDirectory(spec.dataFolder());
    Path data = spec.dataFolder();
    assertThat(Program.of("mount", "-t", "ramfs", "ramfs", data.toString()).run().succeeded())
        .isTrue();
    try {
      ProcessHandle waiting = keepWaiting(spec);
      assertThat(response(spec)).isEqualTo("ok");
      assertThat(runs(waiting)).isFalse();
      assertThat(test.host.keepWaiting(List.of(spec))).as("none is made for a while").isZero();
    } finally {
      Mounts.detach(data);
    }
  }

  @Test
  void oneThatWasKilledIsReplacedByAnOrdinaryStart() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    ProcessHandle waiting = keepWaiting(spec);
    assertThat(waiting.destroyForcibly()).isTrue();
    waiting.onExit().join();
    assertThat(response(spec)).isEqualTo("1");
  }

  @Test
  void aClosedHostKillsWhatWaits() {
    ProcessHandle waiting = keepWaiting(test.spec(answering("1")));
    test.host.close();
    assertThat(runs(waiting)).isFalse();
    test = new TestHost(folder, DenoLayer.ON);
  }

  @Test
  void theUmaskOfAServerKeepsNoSandboxFromWaiting() throws Exception {
    Path its = Files.createDirectory(folder.resolve("its"));
    Process server = WaitingServer.start(its);
    try {
      server.getOutputStream().write('\n');
      server.getOutputStream().flush();
      assertThat(server.getInputStream().readNBytes(2)).asString().isEqualTo("!!");
    } finally {
      server.destroyForcibly().waitFor();
      new TestHost(its, DenoLayer.ON).close(); // removes its mounts and cgroups
    }
  }

  @Test
  void noneOutlivesAKilledServer() throws Exception {
    Path its = Files.createDirectory(folder.resolve("its"));
    Process server = WaitingServer.start(its);
    try {
      assertThat(server.getInputStream().read()).isEqualTo('!');
      List<ProcessHandle> processes = server.descendants().toList();
      assertThat(processes).isNotEmpty();
      server.destroyForcibly().waitFor();
      await("processes end with their server")
          .until(() -> processes.stream().noneMatch(WaitingFixture::runs));
    } finally {
      server.destroyForcibly().waitFor();
      new TestHost(its, DenoLayer.ON).close(); // removes its mounts and cgroups
    }
  }

  @Test
  void theStartOfAStoppedAppspaceUsesIt() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    try (Sandboxes sandboxes =
        new Sandboxes(
            test.host,
            new LifecycleSettings(4, 8L << 30, GRACE, GRACE, 1, Optional.empty()),
            Clock.systemUTC(),
            new SleepInSandboxTest.Silent())) {
      sandboxes.declare(spec);
      await().until(() -> denos().size() == 1);
      ProcessHandle waiting = denos().getFirst();
      try (Lease lease = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
        assertThat(get(lease.address())).isEqualTo("1");
        assertThat(waiting.isAlive()).isTrue();
      }
      sandboxes.whileStopped(spec.appspace(), () -> assertThat(runs(waiting)).isFalse());
    }
  }

  @Test
  void aVersionWhoseSandboxesEndDoesNotSlowDownOthers() {
    SandboxSpec bad = test.spec(answering("1"));
    SandboxSpec other = test.spec(answering("1"));
    ProcessHandle waiting = keepWaiting(bad);
    assertThat(waiting.destroyForcibly()).isTrue();
    waiting.onExit().join();
    await().until(() -> test.host.keepWaiting(List.of()) == 0);
    assertThat(test.host.keepWaiting(List.of(bad))).isZero();
    assertThat(test.host.keepWaiting(List.of(bad, other))).isEqualTo(1);
    await().until(() -> denos().size() == 1);
  }

  @Test
  void failuresLeaveNothing() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    SandboxSpec refused =
        with(
            spec,
            new LaunchOptions(
                List.of("a\nb"), new TreeMap<>(), WorkingFolder.DATA, new TreeMap<>()));
    assertThat(test.host.keepWaiting(List.of(refused))).isZero();
    await("no shell is left").untilAsserted(() -> assertThat(holders()).isEmpty());
    SandboxSpec odd = test.spec(answering("1"));
    Files.createDirectory(odd.dataFolder());
    Path data = odd.dataFolder();
    assertThat(Program.of("mount", "-t", "ramfs", "ramfs", data.toString()).run().succeeded())
        .isTrue();
    try {
      var _ = response(odd);
      List<String> before = descriptors(ProcessHandle.current());
      var _ = keepWaiting(odd);
      var _ = response(odd);
      await()
          .untilAsserted(
              () ->
                  assertThat(descriptors(ProcessHandle.current()))
                      .containsExactlyElementsOf(before));
    } finally {
      Mounts.detach(data);
    }
    await("no shell is left").untilAsserted(() -> assertThat(holders()).isEmpty());
    assertThat(test.host.keepWaiting(List.of(spec, spec, spec, spec)))
        .isEqualTo(TestHost.WAITING_UIDS);
  }

  @Test
  void aClosedHostCreatesNone() {
    SandboxSpec spec = test.spec(answering("1"));
    test.host.close();
    assertThat(test.host.keepWaiting(List.of(spec))).isZero();
    test = new TestHost(folder, DenoLayer.ON);
  }

  @Test
  void anInterruptedStartLeavesNothingAndIsNoReasonToWaitLess() {
    SandboxSpec spec = test.spec(answering("1"));
    var _ = keepWaiting(spec);
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> test.host.start(spec)).isInstanceOf(SandboxException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    await().until(() -> denos().isEmpty());
    assertThat(test.host.keepWaiting(List.of(spec, spec, spec, spec)))
        .isEqualTo(TestHost.WAITING_UIDS);
  }

  /** Prints the durations of both kinds of starts in turn, and the memory of a waiting one. */
  @Test
  void aWaitingSandboxIsFaster() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    CodeCache.fill(spec, folder);
    List<Long> ordinary = new ArrayList<>();
    List<Long> waiting = new ArrayList<>();
    long bytes = 0;
    for (int i = 0; i < PAIRS; i++) {
      ordinary.add(nanosOf(spec));
      ProcessHandle process = keepWaiting(spec);
      Thread.sleep(SPACING_MILLIS);
      bytes = proportional(process);
      waiting.add(nanosOf(spec));
    }
    System.out.printf(
        "start to first answer, median of %d: ordinary %.1f ms, waiting %.1f ms; a waiting Deno"
            + " takes %d KiB (PSS)%n",
        PAIRS, median(ordinary), median(waiting), bytes);
    assertThat(bytes).isBetween(1L, WaitingSandbox.LIMITS.memoryBytes() >> 10);
  }

  private long nanosOf(SandboxSpec spec) throws IOException {
    long begin = System.nanoTime();
    Sandbox sandbox = test.host.start(spec);
    assertThat(get(sandbox)).isEqualTo("1");
    long nanos = System.nanoTime() - begin;
    sandbox.stop(GRACE);
    return nanos;
  }

  private static double median(List<Long> nanos) {
    return nanos.stream().sorted().toList().get(nanos.size() / 2) / 1e6;
  }

  private static long proportional(ProcessHandle process) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + process.pid() + "/smaps_rollup")).stream()
        .filter(line -> line.startsWith("Pss:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .sum();
  }
}
