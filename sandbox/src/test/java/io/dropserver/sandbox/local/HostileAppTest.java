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
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.Limits;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs each attack with all layers, and with Deno's own layer off. */
@Timeout(60)
@Tag("slow")
class HostileAppTest {
  private static final Duration GRACE = Duration.ofSeconds(1);
  private static final String CANARY = "canary-5e1f";

  @TempDir private Path folder;

  @SuppressWarnings("NullAway.Init") // each test opens it
  private TestHost test;

  @AfterEach
  void close() {
    test.close();
    assertThat(ProcessHandle.current().descendants().filter(ProcessHandle::isAlive)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void hostFilesAndOtherAppspacesAreNotRead(DenoLayer layer) throws Exception {
    open(layer);
    Path secret = Files.writeString(folder.resolve("secret"), CANARY);
    SandboxSpec victim = test.spec(answering("Deno.writeTextFileSync('x', '" + CANARY + "')"));
    Sandbox other = test.host.start(victim);
    assertThat(get(other)).isEqualTo("undefined");
    Path data = victim.dataFolder();
    for (String path :
        new String[] {
          secret.toString(),
          data.resolve("x").toString(),
          "/proc/1/root" + secret,
          "/proc/self/root" + secret,
          "/data/../" + secret,
          "/etc/passwd",
          "/etc/hostname"
        }) {
      Sandbox attacker = test.host.start(test.spec(answering("Deno.readTextFile('" + path + "')")));
      assertThat(get(attacker))
          .as(path)
          .containsAnyOf("NotFound", "NotCapable", "PermissionDenied");
      attacker.stop(GRACE);
    }
  }

  /** Does not check mountinfo, where the kernel lists the source of every bind mount. */
  @ParameterizedTest
  @EnumSource
  void noPathOfTheHostIsRevealed(DenoLayer layer) throws Exception {
    open(layer);
    String told =
        """
        ['environ', 'cmdline', 'mounts', 'cgroup'].map((name) => {
          try { return Deno.readTextFileSync('/proc/1/' + name); } catch (e) { return String(e); }
        }).join()
        """;
    Sandbox attacker = test.host.start(test.spec(answering(told)));
    assertThat(get(attacker))
        .doesNotContain(Path.of("").toAbsolutePath().toString(), folder.toString());
    attacker.stop(GRACE);
  }

  @ParameterizedTest
  @EnumSource
  void noServiceOfTheHostIsReached(DenoLayer layer) throws Exception {
    open(layer);
    try (ServerSocket collector = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      String connect =
          "Deno.connect({ hostname: '127.0.0.1', port: " + collector.getLocalPort() + " })";
      String fetch = "fetch('http://127.0.0.1:" + collector.getLocalPort() + "/')";
      for (String attempt : new String[] {connect, fetch, "Deno.listen({ port: 0 })"}) {
        Sandbox attacker = test.host.start(test.spec(answering(attempt)));
        assertThat(get(attacker)).containsAnyOf("Error", "NotCapable").doesNotContain("[object");
        attacker.stop(GRACE);
      }
      collector.setSoTimeout(50);
      assertThatThrownBy(collector::accept).isInstanceOf(IOException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSocketReplacedByASymlinkIsNotFollowed(DenoLayer layer) {
    open(layer);
    String attack =
        """
        try { Deno.symlinkSync('/run/dropserver/egress.sock', '/run/app/app.sock'); }
        catch { Deno.writeTextFileSync('/run/app/app.sock', 'no socket'); }
        setInterval(() => {}, 1000);
        """;
    assertThatThrownBy(() -> test.host.start(test.spec(attack, AppRuntime.SERVE, TestHost.LIMITS)))
        .isInstanceOf(SandboxException.class)
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.NOT_A_SOCKET);
  }

  @ParameterizedTest
  @EnumSource
  void aSocketExchangedLaterIsNotFollowed(DenoLayer layer) throws Exception {
    open(layer);
    Sandbox attacker =
        test.host.start(
            test.spec(
                answering(
                    "(Deno.removeSync('/run/app/app.sock'),"
                        + "Deno.writeTextFileSync('/run/app/app.sock', 'x'), 'exchanged')")));
    assertThat(get(attacker)).isEqualTo("exchanged");
    // The app itself still answers behind the name that the host has pinned.
    assertThat(get(attacker)).isEqualTo("exchanged");
  }

  @ParameterizedTest
  @EnumSource
  void aSymlinkLeftForTheNextStartBindsNoHostFolder(DenoLayer layer) throws Exception {
    open(layer);
    Path bait = Files.createDirectories(folder.resolve("bait/location_data")).getParent();
    assertThat(bait).isNotNull();
    Files.writeString(folder.resolve("bait/location_data/" + CANARY), "");
    SandboxSpec spec =
        test.spec(
            answering(
                "[...Deno.readDirSync('/dropserver/cache/location_data')].map((e) => e.name)"));
    test.host.start(spec).stop(GRACE);
    Path own = spec.dataFolder().resolve(".dropserver");
    Files.delete(own.resolve("location_data"));
    Files.delete(own);
    Files.createSymbolicLink(own, folder.resolve("bait"));
    Sandbox second = test.host.start(spec);
    assertThat(get(second)).doesNotContain(CANARY);
    assertThat(Files.isSymbolicLink(own)).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void memoryBeyondTheLimitEndsTheAppAlone(DenoLayer layer) throws Exception {
    open(layer);
    assumeCgroups();
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
    Sandbox.Exit exit = bomb.exit().toCompletableFuture().get(20, TimeUnit.SECONDS);
    assertThat(exit.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    assertThat(exit.message()).contains("192 MiB");
    assertThat(get(quiet)).isEqualTo("well");
  }

  @ParameterizedTest
  @EnumSource
  void aForkBombStaysWithinItsProcessesAndDiesWhole(DenoLayer layer) throws Exception {
    open(layer);
    assumeCgroups();
    Limits limits =
        new Limits(
            512L << 20,
            1000,
            64,
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
                      const again = `const c = () => new Deno.Command('/dropserver/deno',
                        { args: ['eval', '--no-config', Deno.args[0] ?? ''], env: { DENO_DIR: '/tmp/d' } }).spawn();
                        for (;;) { try { c(); } catch { await new Promise((r) => setTimeout(r, 5)); } }`;
                      let begun = 0;
                      for (let i = 0; i < 30; i++) {
                        try {
                          new Deno.Command('/dropserver/deno', { args: ['eval', '--no-config', again, again],
                            env: { DENO_DIR: '/tmp/d' } }).spawn();
                          begun++;
                        } catch { /* at the limit */ }
                      }
                      return begun;
                    })()
                    """),
                AppRuntime.FETCH,
                limits));
    String begun = get(bomb);
    assertThat(Integer.parseInt(begun)).isBetween(layer == DenoLayer.OFF ? 1 : 0, 30);
    assertThat(bomb.usage().processes()).isLessThanOrEqualTo(64);
    bomb.stop(GRACE);
    assertThat(bomb.exit().toCompletableFuture()).isCompleted();
  }

  @ParameterizedTest
  @EnumSource
  void anAppThatNeverListensHitsTheStartTimeout(DenoLayer layer) {
    test = new TestHost(folder, layer, Duration.ofMillis(1500));
    String attack = "setInterval(() => {}, 1000);";
    assertThatThrownBy(() -> test.host.start(test.spec(attack, AppRuntime.SERVE, TestHost.LIMITS)))
        .isInstanceOf(SandboxException.class)
        .extracting(e -> ((SandboxException) e).reason())
        .isEqualTo(SandboxReason.START_TIMEOUT);
  }

  @ParameterizedTest
  @EnumSource
  void aFloodOfOutputStaysBoundedAndTheAppIsStillServed(DenoLayer layer) throws Exception {
    open(layer);
    Sandbox flood =
        test.host.start(
            test.spec(
                "setInterval(() => { for (let i = 0; i < 200; i++) console.log('x'.repeat(9000));"
                    + " }, 1);"
                    + answering("'served'")));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                test.logs.of("app1").lines().stream()
                    .anyMatch(line -> line.text().contains("lines dropped")));
    assertThat(get(flood)).isEqualTo("served");
    long kept = test.logs.of("app1").lines().stream().mapToLong(line -> line.text().length()).sum();
    assertThat(kept).isLessThan(600 << 10);
    flood.stop(GRACE);
  }

  @ParameterizedTest
  @EnumSource
  void aChildThatIgnoresEverythingDoesNotOutliveItsSandbox(DenoLayer layer) throws Exception {
    open(layer);
    Sandbox parent =
        test.host.start(
            test.spec(
                answering(
                    """
                    new Deno.Command('/dropserver/deno', { args: ['eval', '--no-config',
                      "Deno.addSignalListener('SIGTERM', () => {}); setInterval(() => {}, 1e3)"],
                      env: { DENO_DIR: '/tmp/d' }, detached: true }).spawn().unref()
                    """)));
    assertThat(get(parent)).containsAnyOf("undefined", "NotCapable");
    parent.stop(GRACE);
  }

  @ParameterizedTest
  @EnumSource
  void theHostSocketsCanNeitherBeRemovedNorReplaced(DenoLayer layer) throws Exception {
    open(layer);
    Sandbox attacker =
        test.host.start(test.spec(answering("Deno.removeSync('/run/dropserver/egress.sock')")));
    assertThat(get(attacker)).containsAnyOf("NotCapable", "os error 30");
    assertThat(get(attacker)).isNotEmpty();
  }

  private void open(DenoLayer layer) {
    test = new TestHost(folder, layer);
  }

  private void assumeCgroups() {
    assumeTrue(
        test.host.layers().stream().anyMatch(it -> it.name().equals("cgroup") && it.present()),
        "no cgroup on this machine");
  }
}
