package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.gateway.GatewayFixture;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.storage.LoopStorage;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.schema.instance.Appspace.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real sandboxes that wait before they run the app. */
@Tag("slow")
@Timeout(180)
class PreparedSandboxTest {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final int PAIRS = 5;

  @TempDir private Path folder;
  private TestHost test;
  private final AtomicInteger ended = new AtomicInteger();

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void open() {
    test = new TestHost(folder, DenoLayer.ON);
    SandboxSpec spec = test.spec(answering("1"));
    Assumptions.assumeTrue(
        test.host.prepare(spec, () -> {}), "needs root, cgroups and a bubblewrap newer than 0.9");
    test.host.discardPrepared(_ -> true);
  }

  @AfterEach
  void close() {
    test.close();
    assertThat(waiting()).as("no process is left").isEmpty();
    assertThat(Mounts.below(folder)).isEmpty();
  }

  @Test
  void aPreparedSandboxRunsTheAppWithItsUsualPermissions() throws Exception {
    String attempts =
        """
        Promise.all([
          Deno.writeTextFile("/data/x", "1").then(() => "written"),
          Deno.readTextFile("/proc/self/mountinfo").catch((e) => e.name),
          fetch("http://example.org/").then((r) => r.status, (e) => e.name),
          Promise.resolve(Deno.pid + "/" + Deno.uid()),
        ]).then((all) => all.join())
        """;
    SandboxSpec spec = test.spec(answering(attempts));
    String ordinary = response(spec);
    ProcessHandle process = prepare(spec);
    assertThat(response(spec)).isEqualTo(ordinary).startsWith("written,NotCapable,");
    assertThat(ended).hasValue(1);
    assertThat(runs(process)).as("the sandbox was stopped").isFalse();
  }

  @Test
  void aStartOfAnEqualSpecUsesThePreparedProcess() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    ProcessHandle process = prepare(spec);
    Sandbox sandbox = test.host.start(spec);
    assertThat(process.isAlive()).isTrue();
    sandbox.stop(GRACE);
    assertThat(sandbox.exit().toCompletableFuture().join().reason())
        .isEqualTo(Sandbox.Reason.STOPPED);
    assertThat(runs(process)).isFalse();
  }

  @Test
  void anAppThatFailsRunsOnce() throws Exception {
    SandboxSpec spec =
        test.spec("Deno.writeTextFileSync('/data/n', '1', {append: true}); throw new Error('no');");
    var _ = prepare(spec);
    assertThatThrownBy(() -> test.host.start(spec)).isInstanceOf(SandboxException.class);
    assertThat(spec.dataFolder().resolve("n")).hasContent("1");
  }

  /** Every field of a spec is one case, so a new field needs a new case. */
  @Test
  void aStartOfAnyOtherSpecDiscardsWhatWasPrepared() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    SandboxSpec other = test.spec(answering("2"));
    SortedMap<String, String> config = new TreeMap<>(spec.config());
    config.put("SECRET", "new");
    List<SandboxSpec> changed =
        List.of(
            spec.withData(spec.dataFolder(), spec.uid(), other.app()),
            spec.withData(other.dataFolder(), spec.uid(), spec.app()),
            spec.withUid(other.uid()),
            with(spec, "https://other.example.org", spec.config(), spec.isolation()),
            with(spec, spec.url(), config, spec.isolation()),
            spec.withLimits(spec.limits().withMemoryBytes(160L << 20)),
            spec.withEgress(GatewayFixture.policy(List.of("https://a.test/"), List.of())));
    // The name is the key, and the isolation has its own test.
    assertThat(changed).hasSize(SandboxSpec.class.getRecordComponents().length - 2);
    for (SandboxSpec each : changed) {
      ProcessHandle process = prepare(spec);
      int before = ended.get();
      Sandbox sandbox = test.host.start(each);
      assertThat(process.isAlive()).as("%s", each).isFalse();
      assertThat(ended).hasValue(before + 1);
      sandbox.stop(GRACE);
    }
  }

  @Test
  void nothingIsPreparedForASecondKernel() {
    SandboxSpec spec = test.spec(answering("1"));
    SandboxSpec gvisor = with(spec, spec.url(), spec.config(), Isolation.GVISOR);
    assertThat(test.host.prepare(gvisor, ended::incrementAndGet)).isFalse();
    assertThat(ended).hasValue(1);
  }

  @Test
  void aProgramOfTheAppDiscardsWhatWasPrepared() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    Files.writeString(spec.app().files().resolve("migrate.ts"), "console.log(1);");
    ProcessHandle process = prepare(spec);
    test.host.run(
        spec, new SandboxHost.Program("migrate.ts", new TreeMap<>(), Duration.ofSeconds(60)));
    assertThat(runs(process)).isFalse();
  }

  @Test
  void aPreparedProcessThatWasKilledIsReplacedByAnOrdinaryStart() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    ProcessHandle process = prepare(spec);
    assertThat(process.destroyForcibly()).isTrue();
    process.onExit().join();
    assertThat(response(spec)).isEqualTo("1");
    assertThat(ended).hasValue(1);
  }

  @Test
  void aPreparationThatFailsLeavesNothingAndTheStartShowsWhy() throws Exception {
    SandboxSpec spec = test.spec("throw new Error('broken');");
    var _ = prepare(spec);
    assertThatThrownBy(() -> test.host.start(spec))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("broken");
    assertThat(ended).hasValue(1);
  }

  @Test
  void aClosedHostKillsWhatWaits() throws Exception {
    ProcessHandle process = prepare(test.spec(answering("1")));
    test.host.close();
    assertThat(runs(process)).isFalse();
    assertThat(ended).hasValue(1);
    test = new TestHost(folder, DenoLayer.ON);
  }

  @Test
  void noPreparedProcessOutlivesAKilledServer() throws Exception {
    Path its = Files.createDirectory(folder.resolve("its"));
    Process server = PreparingServer.start(its);
    try {
      assertThat(server.getInputStream().read()).isEqualTo('!');
      List<ProcessHandle> processes = new ArrayList<>();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () -> {
                processes.clear();
                server.descendants().forEach(processes::add);
                return processes.stream().filter(PreparedSandboxTest::isBubblewrap).count() == 2;
              });
      server.destroyForcibly().waitFor();
      await("processes end with their server")
          .until(() -> processes.stream().noneMatch(PreparedSandboxTest::runs));
    } finally {
      server.destroyForcibly().waitFor();
      new TestHost(its, DenoLayer.ON).close(); // removes its mounts and cgroups
    }
  }

  @Test
  void aStoppedAppspaceIsPreparedAndEveryChangeDiscardsWhatWaits() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    SandboxSpec upgraded =
        spec.withData(spec.dataFolder(), spec.uid(), test.spec(answering("2")).app());
    try (Sandboxes sandboxes =
        new Sandboxes(
            test.host,
            new LifecycleSettings(4, 1L << 30, GRACE, GRACE, 2),
            Clock.systemUTC(),
            new SleepInSandboxTest.Silent())) {
      sandboxes.declare(spec);
      assertThat(read(sandboxes, spec)).isEqualTo("1");
      sandboxes.whileStopped(spec.appspace(), () -> {});
      ProcessHandle used = awaitWaiting();
      assertThat(read(sandboxes, spec)).isEqualTo("1");
      assertThat(used.isAlive()).as("the next start uses it").isTrue();

      sandboxes.whileStopped(spec.appspace(), () -> {});
      ProcessHandle backedUp = awaitWaiting();
      sandboxes.whileFrozen(
          spec.appspace(), () -> assertThat(runs(backedUp)).as("backup").isFalse());
      ProcessHandle restored = awaitWaiting();
      sandboxes.whileStopped(
          spec.appspace(), () -> assertThat(runs(restored)).as("restore").isFalse());
      ProcessHandle old = awaitWaiting();
      sandboxes.declare(upgraded);
      assertThat(runs(old)).as("upgrade").isFalse();
      ProcessHandle removed = awaitWaiting();
      assertThat(read(sandboxes, spec)).isEqualTo("2");
      assertThat(removed.isAlive()).isTrue();
      sandboxes.whileStopped(spec.appspace(), () -> {});
      ProcessHandle last = awaitWaiting();
      sandboxes.withdraw(spec.appspace());
      assertThat(runs(last)).as("removal").isFalse();
    }
  }

  private static String read(Sandboxes sandboxes, SandboxSpec spec) throws IOException {
    try (Lease lease = sandboxes.lease(spec.appspace(), LeaseCaller.member("ada"))) {
      return get(lease.address());
    }
  }

  @Test
  void aReleasedVolumeIsNotKeptInUse() throws Exception {
    Assumptions.assumeTrue(LoopSupport.unavailable().isEmpty(), "needs loop devices");
    try (Storage storage = LoopStorage.takeOver(folder)) {
      VolumeHost host = new VolumeHost(test.host, storage, _ -> {}, Set.of());
      SandboxSpec spec = inFolderOfItsOwn(test.spec(answering("1")));
      assertThat(host.prepare(spec, () -> {})).as("its volume is not open").isFalse();
      host.start(spec).stop(GRACE);
      assertThat(host.prepare(spec, ended::incrementAndGet)).isTrue();
      ProcessHandle process = awaitWaiting();
      host.releaseUnused(spec.dataFolder());
      assertThat(Mounts.below(folder)).as("in use").contains(spec.dataFolder().toRealPath());
      host.release(spec);
      assertThat(runs(process)).isFalse();
      assertThat(ended).hasValue(1);
      assertThat(Mounts.below(folder)).isEmpty();
      SandboxSpec grown =
          spec.withLimits(TestHost.LIMITS.withMemoryBytes(TestHost.LIMITS.memoryBytes() + 1));
      host.start(spec).stop(GRACE);
      assertThat(host.prepare(spec, ended::incrementAndGet)).isTrue();
      Sandbox sandbox = host.start(grown);
      assertThat(get(sandbox)).isEqualTo("1");
      sandbox.stop(GRACE);
      host.release(grown);
    }
  }

  /** A volume that is mounted twice would be damaged at its next mount. */
  @Test
  void whatWaitsKeepsNoVolumeOfAnotherAppspaceInUse() throws Exception {
    Assumptions.assumeTrue(LoopSupport.unavailable().isEmpty(), "needs loop devices");
    try (Storage storage = LoopStorage.takeOver(folder)) {
      VolumeHost host = new VolumeHost(test.host, storage, _ -> {}, Set.of());
      SandboxSpec other = inFolderOfItsOwn(test.spec(answering("1")));
      SandboxSpec spec = inFolderOfItsOwn(test.spec(answering("1")));
      host.start(other).stop(GRACE);
      host.start(spec).stop(GRACE);
      assertThat(host.prepare(spec, ended::incrementAndGet)).isTrue();
      ProcessHandle process = awaitWaiting();
      host.release(other);
      assertThat(process.isAlive()).isTrue();
      for (ProcessHandle each : Stream.concat(Stream.of(process), process.descendants()).toList()) {
        assertThat(Files.readString(Path.of("/proc/" + each.pid() + "/mountinfo")))
            .doesNotContain(other.dataFolder().toString());
      }
      host.release(spec);
    }
  }

  /**
   * Prints the durations of ordinary and prepared starts in turn, and the memory of one of two
   * prepared sandboxes. Alone on a machine, one would be charged for all pages of its libraries.
   */
  @Test
  void aPreparedSandboxNeedsLittleMemory() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    CodeCache.fill(spec, folder);
    List<Long> ordinary = new ArrayList<>();
    List<Long> prepared = new ArrayList<>();
    for (int i = 0; i < PAIRS; i++) {
      ordinary.add(nanosOf(spec));
      var _ = prepare(spec);
      prepared.add(nanosOf(spec));
    }
    ProcessHandle one = prepare(spec);
    assertThat(test.host.prepare(test.spec(answering("2")), ended::incrementAndGet)).isTrue();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> waiting().stream().filter(PreparedSandboxTest::isComplete).count() == 2);
    long kibibytes = proportional(one);
    System.out.printf(
        "start to first answer, median of %d: ordinary %.1f ms, prepared %.1f ms; a prepared"
            + " sandbox takes %d KiB (PSS)%n",
        PAIRS, median(ordinary), median(prepared), kibibytes);
    assertThat(kibibytes).isBetween(1L, 1024L);
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

  private static long proportional(ProcessHandle root) throws IOException {
    long sum = 0;
    List<ProcessHandle> all = new ArrayList<>(root.descendants().toList());
    all.add(root);
    for (ProcessHandle each : all) {
      sum +=
          Files.readAllLines(Path.of("/proc/" + each.pid() + "/smaps_rollup")).stream()
              .filter(line -> line.startsWith("Pss:"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
              .sum();
    }
    return sum;
  }

  private String response(SandboxSpec spec) throws IOException {
    Sandbox sandbox = test.host.start(spec);
    try {
      return get(sandbox);
    } finally {
      sandbox.stop(GRACE);
    }
  }

  /** Prepares a start, waits until all mounts exist, and returns the outermost process. */
  private ProcessHandle prepare(SandboxSpec spec) {
    assertThat(test.host.prepare(spec, ended::incrementAndGet)).isTrue();
    return awaitWaiting();
  }

  private static ProcessHandle awaitWaiting() {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> waiting().stream().filter(PreparedSandboxTest::isComplete).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Returns the outermost processes of sandboxes that were prepared. */
  private static List<ProcessHandle> waiting() {
    return ProcessHandle.current()
        .children()
        .filter(child -> child.info().command().orElse("").endsWith("/unshare"))
        .toList();
  }

  /** Returns whether all mounts exist. */
  private static boolean isComplete(ProcessHandle outermost) {
    return outermost.descendants().filter(PreparedSandboxTest::isBubblewrap).count() == 2;
  }

  private static boolean isBubblewrap(ProcessHandle process) {
    return process.info().command().orElse("").endsWith("/bwrap");
  }

  /** A process remains as a zombie until its parent has waited for it. */
  private static boolean runs(ProcessHandle process) {
    return process.isAlive() && process.info().command().isPresent();
  }

  private SandboxSpec inFolderOfItsOwn(SandboxSpec spec) throws IOException {
    Path own = Files.createDirectories(folder.resolve("data").resolve(spec.appspace()));
    for (Path path : List.of(folder.resolve("data"), own)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }
    return spec.withData(own.resolve("files"), spec.uid(), spec.app());
  }

  private static SandboxSpec with(
      SandboxSpec spec, String url, SortedMap<String, String> config, Isolation isolation) {
    return new SandboxSpec(
        spec.appspace(),
        spec.app(),
        spec.dataFolder(),
        spec.uid(),
        url,
        config,
        spec.limits(),
        isolation,
        spec.egress());
  }
}
