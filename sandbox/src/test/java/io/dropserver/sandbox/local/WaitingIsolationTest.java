package io.dropserver.sandbox.local;

import static io.dropserver.sandbox.local.TestHost.answering;
import static io.dropserver.sandbox.local.TestHost.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.base.process.Program;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.linux.FileOwner;
import io.dropserver.sandbox.linux.Mounts;
import io.dropserver.sandbox.storage.LoopStorage;
import io.dropserver.sandbox.storage.LoopSupport;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What is inside a sandbox that waits, and which data it gets. */
class WaitingIsolationTest extends WaitingFixture {
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
                              if (each.stream().filter(WaitingFixture::runs).count() > 1) {
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

  private SandboxSpec inFolderOfItsOwn(SandboxSpec spec) throws IOException {
    Path own = Files.createDirectories(folder.resolve("data").resolve(spec.appspace()));
    for (Path path : List.of(folder.resolve("data"), own)) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwx--x--x"));
    }
    return spec.withData(own.resolve("files"), spec.uid(), spec.app());
  }
}
