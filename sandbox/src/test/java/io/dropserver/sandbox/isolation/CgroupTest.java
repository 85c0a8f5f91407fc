package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Uses the cgroup version of this machine. {@code bin/test machine} runs the test on v2. */
@Timeout(120)
@Tag("slow")
class CgroupTest {
  private static final String NAME = "dropserver-cgroup-test-" + ProcessHandle.current().pid();
  private static final CgroupLimits LIMITS = new CgroupLimits(64L << 20, 1000, 64);
  private static final String SPIN = "while :; do :; done";

  @SuppressWarnings("NullAway.Init") // opened before each test
  private CgroupTree tree;

  @BeforeEach
  void open() {
    Optional<CgroupTree> opened = CgroupTree.open(Optional.empty(), NAME);
    assumeTrue(opened.isPresent(), "no cgroup on this machine that this user may write");
    tree = opened.orElseThrow();
  }

  @AfterEach
  void close() {
    if (tree != null) {
      tree.close();
    }
  }

  @Test
  void memoryBeyondTheLimitIsRefusedByKilling() throws Exception {
    Cgroup group = tree.create("hog", LIMITS);
    Process hog = inside(group, hog(400));

    assertThat(hog.waitFor(60, TimeUnit.SECONDS)).isTrue();

    assertThat(hog.exitValue()).isEqualTo(128 + 9);
    assertThat(group.outOfMemoryKills()).isPositive();
    assertThat(group.usage().memoryPeakBytes()).isBetween(60L << 20, LIMITS.memoryBytes());
  }

  @Test
  void forksBeyondTheLimitAreRefusedAndCounted() throws Exception {
    Cgroup group = tree.create("forks", new CgroupLimits(64L << 20, 1000, 8));
    inside(group, "for i in $(seq 100); do sleep 300 & done; wait");

    await().until(() -> group.usage().refusedForks() > 0);

    assertThat(group.usage().processes()).isLessThanOrEqualTo(8);
  }

  @Test
  void aLoweredWeightIsATenth() {
    Cgroup group = tree.create("starts", LIMITS);
    long usual = cpuWeight(group);
    group.lowerCpuWeight(true);
    assertThat(cpuWeight(group)).isEqualTo(usual / 10);
    group.lowerCpuWeight(false);
    assertThat(cpuWeight(group)).isEqualTo(usual);
    group.close();
    group.lowerCpuWeight(true);
  }

  private static long cpuWeight(Cgroup group) {
    return group.entryFiles().stream()
        .flatMap(file -> Stream.of("cpu.weight", "cpu.shares").map(file::resolveSibling))
        .filter(Files::exists)
        .findFirst()
        .map(CgroupFiles::number)
        .orElseThrow();
  }

  @Test
  void processorTimeStaysWithinItsQuotaUntilThatIsLifted() throws Exception {
    Cgroup group = tree.create("busy", new CgroupLimits(64L << 20, 100, 32));
    inside(group, SPIN);
    inside(group, SPIN);

    assertThat(coresUsed(group)).isLessThan(0.2);
    group.unlimitCpu();
    await().atMost(Duration.ofSeconds(30)).until(() -> coresUsed(group) > 0.3);
  }

  @Test
  void aLimitTakesEffectOnRunningProcesses() throws Exception {
    Cgroup group = tree.create("lowered", LIMITS);
    inside(group, SPIN);
    await().until(() -> group.usage().cpuNanos() > 100_000_000);

    group.limit(new CgroupLimits(32L << 20, 100, 16));

    assertThat(coresUsed(group)).isLessThan(0.2);
    Process hog = inside(group, hog(48));
    assertThat(hog.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(group.outOfMemoryKills()).isPositive();
  }

  @Test
  void aFrozenGroupUsesNoCpuAndContinuesAfterwards() throws Exception {
    Cgroup group = tree.create("frozen", LIMITS);
    inside(group, SPIN);
    await().until(() -> group.usage().cpuNanos() > 50_000_000);

    group.freeze();
    long then = group.usage().cpuNanos();
    await().during(Duration.ofMillis(500)).until(() -> group.usage().cpuNanos() == then);

    group.thaw();
    await().until(() -> group.usage().cpuNanos() > then + 10_000_000);
  }

  @Test
  void aFrozenGroupIsKilled() throws Exception {
    Cgroup group = tree.create("frozen-killed", LIMITS);
    Process process = inside(group, SPIN);
    await().until(() -> !group.processes().isEmpty());
    group.freeze();

    group.close();

    assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void concurrentKillsOfOneGroupBothSucceed() throws Exception {
    for (int round = 0; round < 20; round++) {
      Cgroup group = tree.create("twice" + round, LIMITS);
      inside(group, SPIN);
      await().until(() -> !group.processes().isEmpty());
      try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
        List<Future<Object>> closings =
            threads.invokeAll(Collections.nCopies(4, Executors.callable(group::close)));
        for (Future<Object> closing : closings) {
          closing.get();
        }
      }
    }
  }

  @Test
  void processesForkedDuringTheKillAreKilledToo() throws Exception {
    Cgroup group = tree.create("storm", LIMITS);
    Process storm =
        inside(
            group, "for i in 1 2 3 4; do (while :; do sleep 0.03 & sleep 0.01; done) & done; wait");
    await().until(() -> group.processes().size() > 8);

    group.kill();

    assertThat(group.processes()).isEmpty();
    assertThat(storm.waitFor(10, TimeUnit.SECONDS)).isTrue();
    group.close();
  }

  @Test
  void leftoversOfAnEarlierRunAreKilledAndRemoved() throws Exception {
    Cgroup left = tree.create("left", LIMITS);
    Process process = inside(left, SPIN);
    await().until(() -> !left.processes().isEmpty());

    try (CgroupTree next = CgroupTree.open(Optional.empty(), NAME).orElseThrow()) {
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
      assertThat(left.entryFiles()).noneMatch(file -> file.toFile().exists());
      assertThat(next.create("left", LIMITS).processes()).isEmpty();
    }
  }

  /** As in a container with a CPU limit. Only the kernel of v1 refuses the larger quota. */
  @Test
  void aQuotaAboveThatOfTheSurroundingGroupIsBoundByIt() throws Exception {
    assumeTrue(tree instanceof CgroupV1Tree, "v2 accepts any quota");
    List<Path> surrounding =
        ((CgroupV1Tree) tree)
            .roots().values().stream().map(path -> path.resolveSibling(NAME + "-around")).toList();
    surrounding.forEach(CgroupFiles::create);
    try {
      CgroupFiles.write(surroundingCpu(surrounding), "30000");
      Optional<Path> parent = Optional.of(Path.of(NAME + "-around"));
      try (CgroupTree inner = CgroupTree.open(parent, "sandboxes").orElseThrow()) {
        Cgroup group = inner.create("app", new CgroupLimits(64L << 20, 2000, 64));
        group.limit(new CgroupLimits(64L << 20, 500, 64));
        inside(group, SPIN);
        inside(group, SPIN);

        assertThat(coresUsed(group)).isLessThan(0.4);
      }
    } finally {
      surrounding.forEach(CgroupFiles::remove);
    }
  }

  private static Path surroundingCpu(List<Path> groups) {
    return groups.stream()
        .map(group -> group.resolve("cpu.cfs_quota_us"))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aGroupWhoseLimitIsRefusedIsRemoved() {
    assertThatThrownBy(() -> tree.create("refused", new CgroupLimits(64L << 20, 1000, -2)))
        .isInstanceOf(SandboxException.class);

    Cgroup again = tree.create("other", LIMITS);
    assertThat(again.entryFiles().getFirst().resolve("../../refused").normalize()).doesNotExist();
  }

  /** A program that fills a buffer of that many mebibytes. */
  static String hog(int mebibytes) {
    return "exec dd if=/dev/zero of=/dev/null count=1 bs=" + mebibytes + "M";
  }

  /** A shell that enters the group before anything else, like the launcher's. */
  static Process inside(Cgroup group, String script) throws IOException {
    StringBuilder enter = new StringBuilder();
    for (Path file : group.entryFiles()) {
      enter.append("echo $$ > ").append(file).append(" || exit 125; ");
    }
    return new ProcessBuilder("sh", "-c", enter + script)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Measures for two seconds. */
  private static double coresUsed(Cgroup group) {
    long begun = System.nanoTime();
    long before = group.usage().cpuNanos();
    await().until(() -> System.nanoTime() - begun > 2_000_000_000L);
    return (double) (group.usage().cpuNanos() - before) / (System.nanoTime() - begun);
  }
}
