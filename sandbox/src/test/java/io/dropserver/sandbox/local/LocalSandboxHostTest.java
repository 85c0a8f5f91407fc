package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.egress.gateway.EgressGateway;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.Sandbox.Reason;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost.Layer;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoBinary;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.isolation.CgroupLimits;
import io.dropserver.sandbox.log.LogRing;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Guarantees of every sandbox, with each kind of isolation. */
@ParameterizedClass
@EnumSource(
    value = Isolation.class,
    names = {"NAMESPACES", "GVISOR"})
@Timeout(120)
@Tag("slow")
class LocalSandboxHostTest {
  private static final Duration GRACE = Duration.ofSeconds(10);

  @SuppressWarnings("NullAway.Init") // JUnit sets it
  @Parameter
  private Isolation isolation;

  @TempDir private Path folder;
  private TestHost test;

  @BeforeEach
  void open() {
    test = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT).behind(isolation);
    if (isolation == Isolation.GVISOR) {
      test.assumeGvisor();
    }
  }

  @AfterEach
  void close() {
    // Null if the machine does not support the isolation.
    if (test != null) {
      test.close();
    }
  }

  @Test
  void anAppAnswersInsideItsSandbox() throws Exception {
    Sandbox sandbox = test.host.start(test.spec(answering("dropserver.appspace.name")));
    assertThat(get(sandbox)).isEqualTo("app1");
    sandbox.stop(GRACE);
  }

  /** The kernel compares this value of all processes when the memory of the machine ends. */
  @Test
  void theKernelEndsTheAppBeforeTheServerWhenMemoryEnds() throws Exception {
    Set<Long> before = descendants();
    Sandbox sandbox = test.host.start(test.spec(answering("1")));
    int expected = Math.min(1000, oomScoreAdj("self") + 500);
    // A spare that is just being made has not raised its value yet.
    await()
        .untilAsserted(
            () -> {
              Set<Long> own = descendants();
              own.removeAll(before);
              assertThat(own).isNotEmpty();
              for (long pid : own) {
                assertThat(oomScoreAdj(Long.toString(pid)))
                    .as("process %d, %s", pid, ProcessHandle.of(pid).map(ProcessHandle::info))
                    .isEqualTo(expected);
              }
            });
    sandbox.stop(GRACE);
  }

  private static Set<Long> descendants() {
    return ProcessHandle.current()
        .descendants()
        .map(ProcessHandle::pid)
        .collect(Collectors.toCollection(HashSet::new));
  }

  private static int oomScoreAdj(String process) throws IOException {
    return Integer.parseInt(Files.readString(Path.of("/proc", process, "oom_score_adj")).strip());
  }

  @Test
  void anUnmodifiedProgramThatServesIsReachedOnTheSocket() throws Exception {
    SandboxSpec spec =
        test.spec(
            "Deno.serve({ port: 8080 }, () => new Response('served'));",
            AppRuntime.SERVE,
            TestHost.LIMITS);
    Sandbox sandbox = test.host.start(spec);
    assertThat(get(sandbox)).isEqualTo("served");
    sandbox.stop(GRACE);
  }

  @Test
  void dataAndLocalStorageOutliveTheSandbox() throws Exception {
    SandboxSpec spec =
        test.spec(
            answering(
                """
                (() => {
                  const n = Number(localStorage.getItem('n') ?? 0) + 1;
                  localStorage.setItem('n', String(n));
                  Deno.writeTextFileSync('note.txt', 'x', { append: true });
                  return n + Deno.readTextFileSync('/data/note.txt');
                })()
                """));
    for (String expected : new String[] {"1x", "2xx"}) {
      Sandbox sandbox = test.host.start(spec);
      assertThat(get(sandbox)).isEqualTo(expected);
      sandbox.stop(GRACE);
    }
  }

  /** The app looks for Deno's files in the whole data folder, also by links and other spellings. */
  @Test
  void anAppThatServesItsDataFolderDoesNotServeDenosOwnFiles() throws Exception {
    SandboxSpec spec =
        test.spec(
            answering(
                """
                await (async () => {
                  const kv = await Deno.openKv();
                  const { value } = await kv.get(['n']);
                  await kv.set(['n'], (value ?? 0) + 1);
                  kv.close();
                  localStorage.setItem('n', 'secret');
                  Deno.writeTextFileSync('/data/public.txt', 'x');
                  const found = [];
                  const walk = (folder) => {
                    for (const entry of Deno.readDirSync(folder)) {
                      const path = folder + '/' + entry.name;
                      found.push(path);
                      if (entry.isDirectory) walk(path);
                    }
                  };
                  walk('/data');
                  for (const path of ['/data/.dropserver/kv.sqlite3', '.dropserver//kv.sqlite3',
                      '/data/x/../.dropserver/location_data', '/tmp/../data/.dropserver/kv.sqlite3']) {
                    try {
                      Deno.statSync(path);
                      found.push(path);
                    } catch { /* as it should be */ }
                  }
                  return [(value ?? 0), ...found.sort()].join();
                })()
                """));
    Files.writeString(spec.app().denoConfig(), "{\"unstable\": [\"kv\"]}");
    for (int starts = 0; starts < 2; starts++) {
      Sandbox sandbox = test.host.start(spec);
      assertThat(get(sandbox)).isEqualTo(starts + ",/data/.dropserver,/data/public.txt");
      sandbox.stop(GRACE);
    }
    assertThat(spec.dataFolder().resolve(".dropserver/kv.sqlite3")).isNotEmptyFile();
    assertThat(spec.dataFolder().resolve(".dropserver/location_data")).isNotEmptyDirectory();
  }

  @Test
  void aStoppedSandboxLeavesNothingBehind() throws Exception {
    Sandbox sandbox = test.host.start(test.spec(answering("1")));
    sandbox.stop(GRACE);
    assertThat(sandbox.exit().toCompletableFuture()).isCompleted();
    assertThat(sandbox.exit().toCompletableFuture().join().reason()).isEqualTo(Reason.STOPPED);
    try (Stream<Path> left = Files.list(folder.resolve("run"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("system", "seccomp.bpf");
    }
    // A spare that is just being made is at first a copy of the process that makes it.
    await()
        .untilAsserted(
            () ->
                assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive))
                    .allMatch(LocalSandboxHostTest::isSpare));
    test.host.close();
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }

  private static boolean isSpare(ProcessHandle process) {
    return List.of(process.info().arguments().orElse(new String[0])).contains("dropserver-sandbox");
  }

  @Test
  void manyAppsStartAtOnce() throws Exception {
    List<SandboxSpec> specs =
        IntStream.range(0, 6)
            .mapToObj(_ -> test.spec(answering("dropserver.appspace.name")))
            .toList();
    List<Future<Sandbox>> starts;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      starts = specs.stream().map(spec -> threads.submit(() -> test.host.start(spec))).toList();
    }
    for (int i = 0; i < starts.size(); i++) {
      assertThat(get(starts.get(i).get())).isEqualTo(specs.get(i).appspace());
    }
  }

  @Test
  void anAppThatIgnoresTheSignalIsKilledAfterTheGrace() throws Exception {
    Sandbox sandbox =
        test.host.start(
            test.spec(
                "Deno.addSignalListener('SIGTERM', () => {}); setInterval(() => {}, 1000);"
                    + "Deno.serve(() => new Response('x'));",
                AppRuntime.SERVE,
                TestHost.LIMITS));
    sandbox.stop(Duration.ofMillis(300));
    assertThat(sandbox.exit().toCompletableFuture()).isCompleted();
  }

  @Test
  void aFailedStartReportsTheAppAndItsErrorMessage() {
    assertThatThrownBy(() -> test.host.start(test.spec("throw new Error('no such moon');")))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("app1")
        .hasMessageContaining("no such moon")
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.APP_FAILED);
  }

  @Test
  void theEndOfAnAppIsReported() throws Exception {
    Sandbox sandbox =
        test.host.start(
            test.spec(answering("request.url.endsWith('/end') ? Deno.exit(7) : 'awake'")));
    assertThat(get(sandbox)).isEqualTo("awake");
    assertThatThrownBy(() -> get(sandbox.address(), "/end"), "no answer");
    Sandbox.Exit exit = sandbox.exit().toCompletableFuture().get();
    assertThat(exit.reason()).isEqualTo(Reason.EXITED);
    assertThat(exit.status()).isEqualTo(7);
  }

  @Test
  void appOutputIsLoggedWithItsStream() throws Exception {
    Sandbox sandbox =
        test.host.start(test.spec("console.log('one'); console.error('two');" + answering("1")));
    sandbox.stop(GRACE);
    assertThat(test.logs.of("app1").lines())
        .anySatisfy(
            line -> {
              assertThat(line.text()).isEqualTo("one");
              assertThat(line.stream()).isEqualTo(LogRing.Stream.STDOUT);
            })
        .anySatisfy(
            line -> {
              assertThat(line.text()).isEqualTo("two");
              assertThat(line.stream()).isEqualTo(LogRing.Stream.STDERR);
            })
        .hasSize(2);
  }

  @Test
  void usageIsMeasuredAndAFrozenAppDoesNothing() throws Exception {
    Sandbox sandbox = test.host.start(test.spec(answering("1")));
    Sandbox.Usage usage = sandbox.usage();
    assertThat(usage.memoryBytes()).isBetween(5L << 20, 190L << 20);
    assertThat(usage.cpuNanos()).isPositive();
    assertThat(usage.processes()).isBetween(3, isolation == Isolation.GVISOR ? 160 : 40);
    sandbox.freeze();
    long frozen = sandbox.usage().cpuNanos();
    sandbox.thaw();
    assertThat(get(sandbox)).isEqualTo("1");
    assertThat(sandbox.usage().cpuNanos()).isGreaterThan(frozen);
    sandbox.freeze();
    sandbox.stop(GRACE);
  }

  @Test
  void theLayersOfThisMachineAreReported() {
    assertThat(test.host.layers())
        .extracting(Layer::name)
        .containsExactly("namespaces", "seccomp", "uid", "cgroup");
    assertThat(test.host.layers()).allMatch(Layer::present);
  }

  /** Other processes of the session would be moved. */
  @Test
  void aHostInTheSessionOfAPersonUsesNoCgroupWithoutAParent() {
    LocalHostSettings settings =
        new LocalHostSettings(
            folder.resolve("session"),
            DenoBinary.find(Optional.empty(), Optional.empty()),
            TestHost.PROGRAMS,
            Set.of("uid", "cgroup"),
            Optional.empty(),
            TestHost.TIMEOUT);
    try (EgressGateway egress = EgressGateway.closed(Clock.systemUTC());
        LocalSandboxHost host = LocalSandboxHost.openInSession(settings, test.logs, egress)) {
      assertThat(host.cgroup(new CgroupLimits(16L << 20, 1000, 8))).isEmpty();
      assertThat(host.layers())
          .filteredOn(layer -> !layer.present())
          .extracting(Layer::name)
          .containsExactly("cgroup");
    }
  }

  @Test
  void leftoversOfAnEarlierRunAreRemovedBeforeTheFirstStart() throws Exception {
    Sandbox orphan = test.host.start(test.spec(answering("1")));
    Files.writeString(folder.resolve("run/left-over"), "x");
    try (TestHost next = new TestHost(folder, DenoLayer.ON, TestHost.TIMEOUT).behind(isolation)) {
      assertThat(orphan.exit().toCompletableFuture().get().reason()).isEqualTo(Reason.KILLED);
      assertThat(folder.resolve("run/left-over")).doesNotExist();
      assertThat(get(next.host.start(next.spec(answering("2"))))).isEqualTo("2");
    }
  }
}
