package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.sandbox.deno.DenoBinary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LauncherPoolTest {
  private static final CgroupLimits LIMITS = new CgroupLimits(64L << 20, 1000, 64);
  private static final int KEPT = 2;

  @TempDir private Path folder;
  private Optional<CgroupTree> tree = Optional.empty();
  private Launcher launcher;
  private LauncherPool spares;
  private final AtomicInteger groups = new AtomicInteger();

  /** Children of this process that other tests left. */
  private final List<ProcessHandle> others = ProcessHandle.current().children().toList();

  @BeforeEach
  void open() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    SeccompFilter.writeTo(folder.resolve("seccomp.bpf"));
    tree = CgroupTree.open(Optional.empty(), "dropserver-spares-" + System.nanoTime());
    assumeThat(tree).as("a cgroup that this user may write").isPresent();
    launcher = new Launcher(Programs.find(), folder.resolve("seccomp.bpf"), List.of());
    spares = new LauncherPool(launcher, this::cgroup, KEPT);
  }

  private Optional<Cgroup> cgroup() {
    return tree.map(own -> own.create("g" + groups.incrementAndGet(), LIMITS));
  }

  @AfterEach
  void close() {
    if (tree.isPresent()) {
      spares.close();
      launcher.close();
      tree.get().close();
    }
  }

  @Test
  void aSpareWaitsInsideItsCgroup() {
    spares.refill();
    awaitKept();
    try (PooledLauncher shell = spares.take()) {
      assertThat(groups).as("it was made before it was taken").hasValue(KEPT);
      await().until(() -> cgroupOf(shell).processes().equals(List.of(shell.pid())));
    }
  }

  @Test
  void anEmptyPoolStartsALauncherAtOnce() {
    try (PooledLauncher shell = spares.take()) {
      assertThat(shell.isAlive()).isTrue();
    }
  }

  @Test
  void concurrentStartsGetDifferentLaunchers() {
    spares.refill();
    var taken = new ConcurrentLinkedQueue<PooledLauncher>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 4 * KEPT; i++) {
        threads.execute(
            () -> {
              taken.add(spares.take());
              spares.refill();
            });
      }
    }
    assertThat(taken).hasSize(4 * KEPT).extracting(PooledLauncher::pid).doesNotHaveDuplicates();
    taken.forEach(PooledLauncher::close);
  }

  @Test
  void aShellBecomesOneSandboxOnly() throws Exception {
    PooledLauncher shell = spares.take();
    Process process = shell.launch(confinement(shell));
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("deno ");
    assertThat(process.waitFor()).isZero();
    assertThatThrownBy(() -> shell.launch(confinement(shell)))
        .isInstanceOf(IllegalStateException.class);
    cgroupOf(shell).close();
  }

  @Test
  void aSpareThatDiedIsNotTaken() {
    spares.refill();
    awaitKept();
    for (ProcessHandle child : ownChildren()) {
      child.destroyForcibly();
      var _ = child.onExit().join();
    }
    try (PooledLauncher shell = spares.take()) {
      assertThat(shell.isAlive()).isTrue();
    }
  }

  @Test
  void noPooledLauncherOutlivesTheClose() {
    spares.refill();
    awaitKept();
    List<ProcessHandle> shells = ownChildren();
    assertThat(shells).hasSize(KEPT);
    spares.close();
    assertThat(shells).noneMatch(ProcessHandle::isAlive);
    spares.refill();
    try (PooledLauncher late = spares.take()) {
      assertThat(late.isAlive()).isTrue();
      assertThat(groups).as("no spare is made after the close").hasValue(KEPT + 1);
    }
  }

  @Test
  void aPooledLauncherEndsWithItsServer() throws Exception {
    PooledLauncher shell = spares.take();
    shell.endInput();
    await().until(() -> !shell.isAlive());
    shell.close();
  }

  private List<ProcessHandle> ownChildren() {
    return ProcessHandle.current().children().filter(child -> !others.contains(child)).toList();
  }

  private void awaitKept() {
    await().until(() -> spares.waiting() == KEPT);
  }

  private static Cgroup cgroupOf(PooledLauncher shell) {
    return shell.cgroup().orElseThrow();
  }

  private Confinement confinement(PooledLauncher shell) throws Exception {
    int uid = launcher.separatesUids() ? 70_012 : (int) Files.getAttribute(folder, "unix:uid");
    Path deno = DenoBinary.find(Optional.empty(), Optional.empty()).path();
    return new Confinement(
        uid,
        List.of("/dropserver/deno", "--version"),
        new TreeMap<>(),
        List.of(Bind.readOnly(deno, "/dropserver/deno")),
        1 << 20,
        "/tmp",
        shell.cgroup(),
        Optional.empty(),
        Optional.empty());
  }
}
