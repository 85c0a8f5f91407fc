package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Features of cgroup v2, with this process in a group that is delegated like systemd does it. Runs
 * in the virtual machine of {@code bin/test machine}.
 */
@Tag("cgroup2")
@Timeout(120)
class DelegatedCgroupTest {
  private static final Path TOP = Path.of("/sys/fs/cgroup");
  private static final long PID = ProcessHandle.current().pid();
  private static final CgroupLimits LIMITS = new CgroupLimits(64L << 20, 1000, 32);

  private final Path delegated = TOP.resolve("delegated-" + PID + ".service");

  @BeforeEach
  void enter() throws IOException {
    Files.writeString(TOP.resolve("cgroup.subtree_control"), "+memory +cpu +pids +io");
    Files.createDirectory(delegated);
    Files.writeString(delegated.resolve("cgroup.procs"), Long.toString(PID));
  }

  @AfterEach
  void leave() throws IOException {
    Files.writeString(TOP.resolve("cgroup.procs"), Long.toString(PID));
    for (String child : new String[] {"dropserver-server", ""}) {
      Path group = delegated.resolve(child);
      if (Files.exists(group)) {
        CgroupFiles.remove(group);
      }
    }
  }

  @Test
  void theServerMakesRoomForItsChildrenInAGroupOfItsOwn() throws Exception {
    Process companion = new ProcessBuilder("sleep", "300").start();
    try (CgroupTree tree = CgroupTree.open(Optional.empty(), "sandboxes").orElseThrow()) {
      assertThat(ownGroup("self")).isEqualTo(delegated + "/dropserver-server");
      assertThat(ownGroup(Long.toString(companion.pid())))
          .isEqualTo(delegated + "/dropserver-server");
      Cgroup group = tree.create("app", LIMITS);
      Process process = CgroupTest.inside(group, "exec sleep 300");
      await()
          .until(() -> ownGroup(Long.toString(process.pid())).equals(delegated + "/sandboxes/app"));
    } finally {
      companion.destroyForcibly().waitFor();
    }
    assertThat(delegated.resolve("sandboxes")).doesNotExist();
  }

  @Test
  void aServerThatStartsAgainInItsOwnGroupFindsTheSamePlace() throws Exception {
    CgroupTree.open(Optional.empty(), "sandboxes").orElseThrow().close();

    try (CgroupTree again = CgroupTree.open(Optional.empty(), "sandboxes").orElseThrow()) {
      assertThat(again.describe()).startsWith("cgroup v2 at " + delegated + "/sandboxes");
      assertThat(ownGroup("self")).isEqualTo(delegated + "/dropserver-server");
    }
  }

  @Test
  void aSandboxWhoseMemoryRunsOutIsKilledWhole() throws Exception {
    try (CgroupTree tree = CgroupTree.open(Optional.empty(), "sandboxes").orElseThrow()) {
      Cgroup group = tree.create("app", LIMITS);
      Process shell =
          CgroupTest.inside(
              group, "sleep 300 & sleep 300 & (" + CgroupTest.hog(400) + "); sleep 300");

      assertThat(shell.waitFor(60, TimeUnit.SECONDS)).isTrue();

      await().until(() -> group.processes().isEmpty());
      assertThat(group.outOfMemoryKills()).isGreaterThanOrEqualTo(3);
    }
  }

  @Test
  void allSandboxesTogetherWeighLessAtTheDiskThanTheServer() throws Exception {
    try (CgroupTree tree = CgroupTree.open(Optional.empty(), "sandboxes").orElseThrow()) {
      assertThat(delegated.resolve("dropserver-server/io.weight")).hasContent("default 100");
      assertThat(delegated.resolve("sandboxes/io.weight")).hasContent("default 50");
      Path one = tree.create("one", LIMITS).entryFiles().getFirst().resolveSibling("io.weight");
      Path two = tree.create("two", LIMITS).entryFiles().getFirst().resolveSibling("io.weight");
      assertThat(one).hasSameTextualContentAs(two);
    }
  }

  private static String ownGroup(String process) throws IOException {
    return TOP + Files.readString(Path.of("/proc", process, "cgroup")).strip().substring(3);
  }
}
