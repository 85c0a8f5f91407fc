package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxLeases.Lease;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.lifecycle.LifecycleSettings;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.storage.LoopStorage;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Appspace.Isolation;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real sandboxes that wait for an appspace. */
@Tag("slow")
@Timeout(180)
class WaitingSandboxTest {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final int PAIRS = 7;

  /** The time for which a sandbox waits at least before it is measured. */
  private static final long SPACING_MILLIS = 500;

  /** What an app can see and do. */
  private static final String ATTEMPTS =
      """
      (async () => {
        const attempt = async (f) => { try { return await f(); } catch (e) { return e.name; } };
        localStorage.setItem("n", String(Number(localStorage.getItem("n") ?? 0) + 1));
        return JSON.stringify([
          await attempt(() => Deno.writeTextFile("/data/x", "1")),
          await attempt(() => Deno.writeTextFile("/app/x", "1")),
          await attempt(() => Deno.readTextFile("/proc/self/mountinfo")),
          await attempt(async () => (await fetch("http://example.org/")).status),
          await attempt(() => [...Deno.readDirSync("/data")].map((e) => e.name).sort()),
          await attempt(() => [...Deno.readDirSync("/data/.dropserver")].length),
          await attempt(() => Deno.writeTextFile("/data/.dropserver/x", "1")),
          await attempt(() => [...Deno.readDirSync("/run/dropserver")].map((e) => e.name)),
          Deno.pid, Deno.uid(), Deno.gid(), Deno.cwd(),
          Deno.lstatSync("/data").uid, Deno.lstatSync("/data").mode,
          Object.entries(Deno.env.toObject()).sort(),
          dropserver.appspace, dropserver.config, request.url,
          Object.getOwnPropertyNames(globalThis).length,
        ]);
      })()
      """;

  @TempDir private Path folder;
  private TestHost test;

  @BeforeEach
  @SuppressWarnings("NullAway.Init")
  void open() {
    test = new TestHost(folder, DenoLayer.ON);
    SandboxSpec spec = test.spec(answering("1"));
    Assumptions.assumeTrue(test.host.keepWaiting(List.of(spec)) == 1, "needs root and cgroups");
    var _ = test.host.keepWaiting(List.of());
  }

  @AfterEach
  void close() {
    test.close();
    await("no process is left").until(() -> denos().isEmpty());
    assertThat(Mounts.below(folder)).isEmpty();
  }

  @Test
  void anAppSeesNoDifferenceToAnOrdinaryStart() throws Exception {
    SortedMap<String, String> config = new TreeMap<>();
    config.put("LARGE", "x".repeat(100_000));
    config.put("SECRET", "two\nlines and \u00fc\u2028");
    SandboxSpec spec = with(test.spec(answering(ATTEMPTS)), config, Isolation.NAMESPACES);
    var _ = response(spec); // makes the files
    String ordinary = response(spec);
    String waiting = responseOfWaiting(spec);
    assertThat(waiting).isEqualTo(ordinary).contains("NotCapable", "two", "[\"egress.sock\"]");
    try (Stream<Path> files = Files.walk(spec.dataFolder())) {
      for (Path each : files.toList()) {
        assertThat(FileOwner.of(each)).as("%s", each).isEqualTo(spec.uid());
      }
    }
  }

  @Test
  void dataAndLocalStorageAreTheSameInBothKindsOfStarts() throws Exception {
    SandboxSpec spec =
        test.spec(
            answering(
                """
                (localStorage.setItem("n", (localStorage.getItem("n") ?? "") + "x"),
                 Deno.writeTextFileSync("/data/n", "y", {append: true}),
                 localStorage.getItem("n") + Deno.readTextFileSync("/data/n"))
                """));
    assertThat(response(spec)).isEqualTo("xy");
    assertThat(responseOfWaiting(spec)).isEqualTo("xxyy");
    assertThat(response(spec)).isEqualTo("xxxyyy");
    assertThat(responseOfWaiting(spec)).isEqualTo("xxxxyyyy");
  }

  @Test
  void everyAppspaceOfTheVersionCanUseItAndNoOtherVersion() throws Exception {
    SandboxSpec one = test.spec(answering("dropserver.appspace.name"));
    SandboxSpec other = test.spec(answering("2"));
    SandboxSpec same = other.withData(other.dataFolder(), other.uid(), one.app());
    ProcessHandle waiting = keepWaiting(one);
    assertThat(response(other)).isEqualTo("2");
    assertThat(waiting.isAlive()).isTrue();
    Sandbox sandbox = test.host.start(same);
    assertThat(get(sandbox)).isEqualTo(same.appspace());
    assertThat(denos()).as("it is the one that waited").contains(waiting);
    sandbox.stop(GRACE);
    assertThat(runs(waiting)).isFalse();
  }

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
  void nothingOfAnAppspaceIsInsideWhileItWaits() throws Exception {
    SandboxSpec spec =
        with(
            test.spec("Deno.writeTextFileSync('/tmp/ran', ''); throw 1;"),
            new LaunchOptions(
                List.of("--preload", "x"), new TreeMap<>(), WorkingFolder.DATA, new TreeMap<>()));
    ProcessHandle waiting = keepWaiting(spec);
    Path process = Path.of("/proc/" + waiting.pid());
    await("Deno waits on its connection")
        .until(() -> descriptors(waiting).stream().anyMatch(it -> it.startsWith("socket:")));
    assertThat(Files.readString(process.resolve("environ"))).doesNotContain(spec.appspace());
    assertThat(process.resolve("root/tmp")).isEmptyDirectory();
    assertThat(process.resolve("root/data/.dropserver")).isEmptyDirectory();
    assertThat(Files.readString(process.resolve("mountinfo")))
        .doesNotContain(spec.dataFolder().toString());
  }

  /** Its code would run while the sandbox waits. */
  @Test
  void noneWaitsForAnAppThatReplacesModulesOfTheRuntime() throws Exception {
    for (String name : List.of("file:///dropserver/runtime/host.ts", "./runtime/host.ts", "/")) {
      SandboxSpec spec = test.spec(answering("1"));
      Files.writeString(
          spec.app().denoConfig(),
          "{\"imports\": {\"a\": \"npm:a\", \"%s\": \"x\"}}".formatted(name));
      assertThat(test.host.keepWaiting(List.of(spec))).as(name).isZero();
    }
  }

  @Test
  void anAttachedFolderAppearsInNoOtherSandboxAndNotOnTheHost() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    SandboxSpec other = test.spec(answering("1"));
    ProcessHandle waits = keepWaiting(other);
    assertThat(test.host.keepWaiting(List.of(other, spec))).isEqualTo(2);
    Sandbox sandbox = test.host.start(spec);
    String mounts = Files.readString(Path.of("/proc/" + waits.pid() + "/mountinfo"));
    assertThat(mounts).doesNotContain(spec.dataFolder().toString()).doesNotContain("idmapped");
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("idmapped");
    String own =
        Files.readString(
            Path.of(
                "/proc/"
                    + denos().stream().filter(it -> !it.equals(waits)).findAny().orElseThrow().pid()
                    + "/mountinfo"));
    assertThat(own.lines().filter(line -> line.contains("idmapped")))
        .hasSize(3)
        .allMatch(line -> line.contains("rw,nosuid,nodev") && !line.contains("shared:"));
    sandbox.stop(GRACE);
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
  void usersAreUsedAgainOnlyWhenNothingOfTheirSandboxIsLeft() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    Set<Integer> users = new HashSet<>();
    for (int round = 0; round < TestHost.WAITING_UIDS; round++) {
      assertThat(users.add(FileOwner.of(Path.of("/proc/" + keepWaiting(spec).pid())))).isTrue();
      test.host.start(spec).stop(GRACE);
    }
    assertThat(users).hasSize(TestHost.WAITING_UIDS);
    SandboxSpec other = test.spec(answering("1"));
    assertThat(test.host.keepWaiting(List.of(spec, spec, spec, spec, spec)))
        .as("one for each user")
        .isEqualTo(TestHost.WAITING_UIDS);
    Sandbox running = test.host.start(spec);
    assertThat(test.host.keepWaiting(List.of(other, other, other, other)))
        .as("the running one keeps its user")
        .isEqualTo(TestHost.WAITING_UIDS - 1);
    running.stop(GRACE);
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
          .until(() -> processes.stream().noneMatch(WaitingSandboxTest::runs));
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

  /** A volume that is mounted twice would be damaged at its next mount. */
  @Test
  void noVolumeIsKeptInUse() throws Exception {
    Assumptions.assumeTrue(LoopSupport.unavailable().isEmpty(), "needs loop devices");
    try (Storage storage = LoopStorage.takeOver(folder)) {
      VolumeHost host = new VolumeHost(test.host, storage, _ -> {}, Set.of());
      SandboxSpec spec =
          inFolderOfItsOwn(test.spec(answering("Deno.writeTextFile('/data/x', 'diary')")));
      SandboxSpec other = inFolderOfItsOwn(test.spec(answering("1")));
      host.start(other).stop(GRACE);
      ProcessHandle waiting = keepWaiting(spec);
      host.release(other);
      Sandbox sandbox = host.start(spec);
      assertThat(denos()).contains(waiting);
      assertThat(get(sandbox)).isEqualTo("undefined");
      sandbox.stop(GRACE);
      assertThat(spec.dataFolder().resolve("x")).hasContent("diary");
      host.release(spec);
      assertThat(Mounts.below(folder.resolve("data"))).isEmpty();
    }
  }

  @Test
  void theManifestHasTheSameEffectInBothKindsOfStarts() throws Exception {
    for (WorkingFolder cwd : WorkingFolder.values()) {
      SandboxSpec spec =
          test.spec(
              """
              import process from "node:process";
              const kv = await Deno.openKv();
              const n = ((await kv.get<number>(["n"])).value ?? 0) + 1;
              await kv.set(["n"], n);
              kv.close();
              const input = await Deno.stdin.read(new Uint8Array(1));
              Deno.serve(() => new Response(JSON.stringify([
                n % 1, input, Deno.cwd(), process.cwd(), Deno.args, process.argv, process.argv0,
                Deno.mainModule, import.meta.main, import.meta.url, process.env.GREETING,
                Object.entries(process.env).sort(), Deno.env.get("__proto__"), Deno.execPath(),
                Deno.readTextFileSync("/data/made/by.txt"), Deno.readTextFileSync("by.txt"),
                Object.keys(Deno).sort(), new Error().stack, process.title, process.pid,
                process.memoryUsage().rss > 0, typeof Worker, process.stdin.isTTY,
              ])));
              """,
              AppRuntime.SERVE, TestHost.LIMITS);
      Path app = spec.app().files();
      Files.writeString(app.resolve("by.txt"), "x");
      Files.writeString(
          app.resolve("dropapp.json"), "{\"files\": {\"by.txt\": \"x\", \"made/by.txt\": \"y\"}}");
      Files.writeString(spec.app().denoConfig(), "{\"unstable\": [\"kv\"]}");
      SortedMap<String, String> env = new TreeMap<>();
      env.put("GREETING", "hello = \u00e4");
      env.put("__proto__", "odd");
      SortedMap<String, String> files = new TreeMap<>();
      files.put("by.txt", "x");
      files.put("made/by.txt", "y");
      spec =
          with(
              spec,
              new LaunchOptions(
                  List.of("--allow-all", "--preload", "/app/by.txt"), env, cwd, files));
      String ordinary = response(spec);
      assertThat(ordinary).contains("--allow-all", "hello", "odd");
      assertThat(responseOfWaiting(spec)).isEqualTo(ordinary);
      assertThat(spec.dataFolder().resolve(".dropserver/kv.sqlite3")).exists();
    }
  }

  /** A person who administers the machine may have put a file there. */
  @Test
  void filesOfOtherUsersBehaveTheSameInBothKindsOfStarts() throws Exception {
    SandboxSpec spec =
        test.spec(
            answering(
                """
                ["root", "group", "person"].map((name) => {
                  const file = "/data/" + name;
                  const attempt = (f) => { try { return f(); } catch (e) { return e.message; } };
                  return [
                    attempt(() => Deno.readTextFileSync(file)),
                    attempt(() => Deno.statSync(file).uid + "/" + Deno.statSync(file).gid),
                    attempt(() => Deno.writeTextFileSync(file, "2")),
                    attempt(() => Deno.renameSync(file, file + "2")),
                    attempt(() => Deno.removeSync(file + "2")),
                  ].join();
                }).join("\\n")
                """));
    var _ = response(spec);
    Path data = spec.dataFolder();
    List<String> responses = new ArrayList<>();
    for (boolean waits : new boolean[] {false, true}) {
      FileOwner.set(Files.writeString(data.resolve("root"), "1"), 0);
      FileOwner.set(Files.writeString(data.resolve("group"), "1"), spec.uid(), 0);
      FileOwner.set(Files.writeString(data.resolve("person"), "1"), 1000);
      responses.add(waits ? responseOfWaiting(spec) : response(spec));
      try (Stream<Path> left = Files.list(data)) {
        assertThat(left).hasSize(1);
      }
    }
    assertThat(responses.get(1)).isEqualTo(responses.get(0));
  }

  @Test
  void theAppHasTheSameDescriptorsInBothKindsOfStarts() throws Exception {
    SandboxSpec spec = test.spec(answering("1"));
    Sandbox ordinary = test.host.start(spec);
    List<String> expected = descriptors(denos().getFirst());
    ordinary.stop(GRACE);
    ProcessHandle waiting = keepWaiting(spec);
    Sandbox sandbox = test.host.start(spec);
    await("connections of the start are closed")
        .untilAsserted(() -> assertThat(descriptors(waiting)).isEqualTo(expected));
    sandbox.stop(GRACE);
  }

  private static List<String> descriptors(ProcessHandle process) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
      for (Path each : files.toList()) {
        found.add(Files.readSymbolicLink(each).toString().replaceAll("[0-9]+", ""));
      }
    }
    found.sort(null);
    return found;
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

  private static List<String> holders() {
    return ProcessHandle.current()
        .descendants()
        .map(each -> String.join(" ", each.info().arguments().orElse(new String[0])))
        .filter(line -> line.contains("echo; read -r _"))
        .toList();
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

  @Test
  void concurrentStartsAndRefreshesShareNothing() throws Exception {
    SandboxSpec first = test.spec(answering("dropserver.appspace.name"));
    List<SandboxSpec> specs = new ArrayList<>(List.of(first));
    for (int each = 0; each < 3; each++) {
      SandboxSpec next = test.spec(answering("0"));
      specs.add(next.withData(next.dataFolder(), next.uid(), first.app()));
    }
    AtomicBoolean ended = new AtomicBoolean();
    Set<Long> users = ConcurrentHashMap.newKeySet();
    List<Throwable> problems = Collections.synchronizedList(new ArrayList<>());
    Thread refresher =
        Thread.ofVirtual()
            .start(
                () -> {
                  for (int i = 0; !ended.get(); i++) {
                    var _ = test.host.keepWaiting(i % 5 == 4 ? List.of() : List.of(first, first));
                  }
                });
    List<Thread> starters =
        specs.stream()
            .map(
                spec ->
                    Thread.ofVirtual()
                        .start(
                            () -> {
                              try {
                                for (int i = 0; i < 15; i++) {
                                  Sandbox sandbox = test.host.start(spec);
                                  assertThat(get(sandbox)).isEqualTo(spec.appspace());
                                  sandbox.stop(GRACE);
                                }
                              } catch (Throwable e) {
                                problems.add(e);
                              }
                            }))
            .toList();
    Thread watcher =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!ended.get()) {
                    Map<Long, List<ProcessHandle>> byUser = new HashMap<>();
                    for (ProcessHandle each : denos()) {
                      try {
                        long uid = FileOwner.of(Path.of("/proc/" + each.pid()));
                        if (uid >= TestHost.FIRST_WAITING_UID) {
                          users.add(uid);
                          byUser.computeIfAbsent(uid, _ -> new ArrayList<>()).add(each);
                        }
                      } catch (IOException gone) {
                        // ended
                      }
                    }
                    byUser
                        .values()
                        .forEach(
                            each -> {
                              if (each.stream().filter(WaitingSandboxTest::runs).count() > 1) {
                                problems.add(new AssertionError("shared user: " + each));
                              }
                            });
                  }
                });
    for (Thread each : starters) {
      each.join();
    }
    ended.set(true);
    refresher.join();
    watcher.join();
    assertThat(problems).isEmpty();
    assertThat(users).hasSizeGreaterThan(1);
    assertThat(test.host.keepWaiting(List.of())).isZero();
    await().until(() -> denos().isEmpty() && holders().isEmpty());
    assertThat(test.host.keepWaiting(List.of(first, first, first, first)))
        .isEqualTo(TestHost.WAITING_UIDS);
  }

  /** As on a server, where mounts are shared, see {@code MountNamespace#enterOwn}. */
  @Test
  void aFolderThatOtherUsersCannotReachMakesNoDifference() throws Exception {
    Path state = Files.createDirectory(folder.resolve("state"));
    Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwx------"));
    Path below = Files.createDirectory(state.resolve("below"));
    for (String how : List.of("--bind", "--make-shared")) {
      List<String> command = new ArrayList<>(List.of("mount", how, below.toString()));
      if (how.equals("--bind")) {
        command.add(below.toString());
      }
      assertThat(Program.of(command).run().succeeded()).isTrue();
    }
    try (TestHost hidden = new TestHost(below, DenoLayer.ON)) {
      SandboxSpec spec =
          hidden.spec(answering("Deno.writeTextFile('/data/x', 'y').then(() => 'ok')"));
      assertThat(hidden.host.keepWaiting(List.of(spec))).isEqualTo(1);
      await().until(() -> denos().size() == 1);
      ProcessHandle waiting = denos().getFirst();
      Sandbox sandbox = hidden.host.start(spec);
      assertThat(get(sandbox)).isEqualTo("ok");
      assertThat(denos()).contains(waiting);
      assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("idmapped");
      sandbox.stop(GRACE);
      assertThat(spec.dataFolder().resolve("x")).hasContent("y");
      assertThat(FileOwner.of(spec.dataFolder().resolve("x"))).isEqualTo(spec.uid());
    } finally {
      Mounts.detach(below);
    }
  }

  /** An app without Deno's layer can create them below /dropserver/store. */
  @Test
  void aLinkThatAnAppHasPlantedIsNotMounted() throws Exception {
    SandboxSpec spec = test.spec(answering("(localStorage.setItem('a', 'b'), 'ok')"));
    Path secret = Files.createDirectory(folder.resolve("secret"));
    SandboxFolders.createFor(secret, spec.uid());
    var _ = response(spec);
    for (String name : List.of(".dropserver/location_data", ".dropserver")) {
      Path link = spec.dataFolder().resolve(name);
      SandboxFolders.delete(link);
      Files.createSymbolicLink(link, secret);
      assertThat(responseOfWaiting(spec)).isEqualTo("ok");
      assertThat(secret).isEmptyDirectory();
      assertThat(Files.isSymbolicLink(link)).isFalse();
    }
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

  private String response(SandboxSpec spec) throws IOException {
    Sandbox sandbox = test.host.start(spec);
    try {
      return get(sandbox);
    } finally {
      sandbox.stop(GRACE);
    }
  }

  private String responseOfWaiting(SandboxSpec spec) throws IOException {
    ProcessHandle waiting = keepWaiting(spec);
    String response = response(spec);
    assertThat(runs(waiting)).as("it was used and stopped").isFalse();
    return response;
  }

  /** Lets one sandbox wait, and returns its Deno. */
  private ProcessHandle keepWaiting(SandboxSpec spec) {
    List<ProcessHandle> before = denos();
    assertThat(test.host.keepWaiting(List.of(spec))).isEqualTo(1);
    return await()
        .until(
            () -> denos().stream().filter(it -> !before.contains(it)).toList(),
            found -> found.size() == 1)
        .getFirst();
  }

  private static List<ProcessHandle> denos() {
    return ProcessHandle.current()
        .descendants()
        .filter(each -> each.info().command().orElse("").endsWith("/deno"))
        .toList();
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

  private static SandboxSpec with(SandboxSpec spec, LaunchOptions options) {
    DropappManifest before = spec.app().manifest();
    InstalledApp app = spec.app();
    return spec.withData(
        spec.dataFolder(),
        spec.uid(),
        new InstalledApp(
            app.app(),
            "2.0.0",
            app.contentId(),
            app.files(),
            app.denoDir(),
            app.denoConfig(),
            new DropappManifest(
                before.name(),
                "",
                "1.0.0",
                "main.ts",
                Optional.empty(),
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                DataSchema.UNNAMED,
                options),
            app.runtime(),
            Optional.empty()));
  }

  private static SandboxSpec with(
      SandboxSpec spec, SortedMap<String, String> config, Isolation isolation) {
    return new SandboxSpec(
        spec.appspace(),
        spec.app(),
        spec.dataFolder(),
        spec.uid(),
        spec.url(),
        config,
        spec.limits(),
        isolation,
        spec.egress());
  }
}
