package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dropserver.base.linux.Signals;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.DenoBinary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The view of a process inside a sandbox, without any restriction by Deno. */
@Timeout(60)
class LauncherTest {
  @TempDir private Path folder;
  private DenoBinary deno;
  private Launcher launcher;
  private int uid;

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    deno = DenoBinary.find(Optional.empty(), Optional.empty());
    SeccompFilter.writeTo(folder.resolve("seccomp.bpf"));
    launcher = new Launcher(Programs.find(), folder.resolve("seccomp.bpf"), List.of());
    uid = launcher.separatesUids() ? 70_011 : (int) Files.getAttribute(folder, "unix:uid");
  }

  @AfterEach
  void close() {
    launcher.close();
  }

  @Test
  void onlyTheLoopbackInterfaceExists() throws Exception {
    assertThat(
            inside(
                "console.log(Deno.readTextFileSync('/proc/net/dev').trim().split('\\n').length)"))
        .isEqualTo("3");
  }

  @Test
  void onlyTheNamedPathsExist() throws Exception {
    assertThat(inside("console.log([...Deno.readDirSync('/')].map((e) => e.name).sort().join())"))
        .isEqualTo("dev,dropserver,lib,lib64,proc,tmp");
    assertThat(
            inside("console.log([...Deno.readDirSync('/dev')].map((e) => e.name).sort().join())"))
        .isEqualTo("null,random,urandom,zero");
  }

  @Test
  void theOnlySandboxUserMapsToTheGivenHostUser() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));
    String script =
        """
        Deno.writeTextFileSync('/shared/x', '');
        console.log(Deno.uid(), Deno.readTextFileSync('/proc/self/uid_map').trim().split(/\\s+/)[2]);
        """;
    assertThat(inside(script, Bind.writable(shared, "/shared"))).isEqualTo("65534 1");
    assertThat(Files.getAttribute(shared.resolve("x"), "unix:uid")).isEqualTo(uid);
  }

  /** Shows something only where the tests run with supplementary groups, such as those of root. */
  @Test
  void noGroupOfTheServerIsLeft() throws Exception {
    assumeThat(launcher.separatesUids()).isTrue();
    assertThat(
            inside(
                """
                const status = Deno.readTextFileSync('/proc/self/status');
                console.log(Deno.gid(), '[' + status.match(/Groups:([\\d\\s]*)\\n/)[1].trim() + ']')
                """))
        .isEqualTo("65534 []");
  }

  @Test
  void noCapabilityIsLeftAndNoneCanBeGained() throws Exception {
    assertThat(
            inside(
                """
                const status = Deno.readTextFileSync('/proc/self/status');
                console.log(['CapEff', 'CapPrm', 'CapBnd', 'CapInh', 'CapAmb', 'NoNewPrivs', 'Seccomp']
                  .map((key) => parseInt(status.match(new RegExp(key + ':\\\\s+(\\\\w+)'))[1], 16)).join())
                """))
        .isEqualTo("0,0,0,0,0,1,2");
  }

  @Test
  void nothingOutsideTmpCanBeWritten() throws Exception {
    assertThat(
            inside(
                """
                const written = [];
                for (const path of ['/x', '/dev/x', '/dropserver/x', '/lib/x', '/proc/self/oom_score_adj',
                    '/proc/sys/kernel/core_pattern', '/proc/sys/kernel/hostname', '/proc/self/mem', '/tmp/x']) {
                  try { Deno.writeTextFileSync(path, '1'); written.push(path); } catch { /* refused */ }
                }
                console.log(written.join())
                """))
        .isEqualTo("/tmp/x");
  }

  @Test
  void theHostsNameAndEnvironmentAreNotSeen() throws Exception {
    assertThat(
            inside("console.log(Deno.hostname(), Object.keys(Deno.env.toObject()).sort().join())"))
        .isEqualTo("dropserver DENO_DIR,DENO_NODE_SHIM_ACTIVE,PATH,PWD");
  }

  @Test
  void noProcessOfTheHostIsSeen() throws Exception {
    assertThat(
            inside(
                "console.log([...Deno.readDirSync('/proc')].filter((e) =>"
                    + " /^\\d+$/.test(e.name)).length)"))
        .isEqualTo("2");
  }

  @Test
  void hostRootIsRefusedWithoutStartingAProcess() {
    List<ProcessHandle> before = ProcessHandle.current().children().toList();
    assertThatThrownBy(() -> launcher.start(confinement(0, "")))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("uid 0");
    assertThat(ProcessHandle.current().children()).isSubsetOf(before);
  }

  /** A process that bubblewrap has just created does not yet end with bubblewrap. */
  @Test
  void aSandboxThatIsKilledDuringItsStartLeavesNoProcess() throws Exception {
    String marker = "/* " + UUID.randomUUID() + " */";
    for (int i = 0; i < 20; i++) {
      Process process = launcher.start(confinement(uid, "while (true); " + marker));
      while (process.isAlive() && process.children().findAny().isEmpty()) {
        Thread.onSpinWait();
      }
      var _ = Signals.killTree(process.toHandle());
      process.waitFor();
    }
    while (ProcessHandle.allProcesses().anyMatch(process -> isMarked(process, marker))) {
      Thread.sleep(20); // a killed process takes a moment to end
    }
  }

  private static boolean isMarked(ProcessHandle process, String marker) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"))
          .contains(marker);
    } catch (IOException ended) {
      return false;
    }
  }

  @Test
  void aCommandOfTwoLinesIsRefused() {
    assertThatThrownBy(() -> new LaunchCommand(List.of("deno", "eval", "1\n2"), List.of()))
        .isInstanceOf(SandboxException.class)
        .hasMessageContaining("line feed");
  }

  @Test
  void eachSandboxHasANetworkOfItsOwn() throws Exception {
    String script = "console.log(Deno.readLinkSync('/proc/self/ns/net'))";
    String host = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    try (PooledLauncher one = launcher.prepare(Optional.empty());
        PooledLauncher other = launcher.prepare(Optional.empty())) {
      String first = run(one.launch(confinement(uid, script)));
      String second = run(other.launch(confinement(uid, script)));
      assertThat(first).startsWith("net:[").isNotIn(host, second);
      assertThat(second).startsWith("net:[").isNotEqualTo(host);
    }
  }

  /** The output of a script. Checks that it is the same with and without separate inodes. */
  private String inside(String script, Bind... binds) throws Exception {
    String shared = run(launcher.start(confinement(uid, script, binds)));
    try (OverlayFolder overlays = launcher.overlayFolder()) {
      Confinement own = confinement(uid, script, Optional.of(overlays.path()), binds);
      assertThat(run(launcher.start(own))).isEqualTo(shared);
    }
    return shared;
  }

  @Test
  void aDeviceInARootOfItsOwnWorks() throws Exception {
    assertThat(
            inside(
                """
                Deno.writeTextFileSync('/dev/null', 'x');
                const zeros = new Uint8Array(4).fill(1);
                Deno.openSync('/dev/zero').readSync(zeros);
                Deno.openSync('/dev/urandom').readSync(new Uint8Array(4));
                console.log(zeros.join())
                """))
        .isEqualTo("0,0,0,0");
  }

  private static String run(Process process) throws Exception {
    String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(errors).isZero();
    return output.strip();
  }

  private Confinement confinement(int user, String script, Bind... more) {
    return confinement(user, script, Optional.empty(), more);
  }

  private Confinement confinement(int user, String script, Optional<Path> overlays, Bind... more) {
    List<Bind> binds = new ArrayList<>(List.of(more));
    binds.add(Bind.readOnly(deno.path(), "/dropserver/deno"));
    var environment = new TreeMap<String, String>();
    environment.put("DENO_DIR", "/tmp/cache");
    return new Confinement(
        user,
        List.of("/dropserver/deno", "eval", "--no-config", script.replace('\n', ' ')),
        environment,
        binds,
        16 << 20,
        "/tmp",
        Optional.empty(),
        overlays,
        Optional.empty());
  }
}
