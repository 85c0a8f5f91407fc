package io.dropserver.sandbox.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupMountsTest {
  @Test
  void theOwnGroupIsFoundInTheUnifiedHierarchy() {
    CgroupMounts mounts =
        CgroupMounts.parse(
            List.of(
                "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"),
            List.of("0::/system.slice/dropserver.service"));
    assertThat(mounts.unified())
        .contains(Path.of("/sys/fs/cgroup/system.slice/dropserver.service"));
  }

  @Test
  void aContainerSeesOnlyItsPart() {
    CgroupMounts mounts =
        CgroupMounts.parse(
            List.of("30 23 0:26 /docker/abc /sys/fs/cgroup rw - cgroup2 cgroup rw"),
            List.of("0::/docker/abc/server"));
    assertThat(mounts.unified()).contains(Path.of("/sys/fs/cgroup/server"));
  }

  @Test
  void controllersThatAreMountedTogetherAreFoundByEachName() {
    CgroupMounts mounts =
        CgroupMounts.parse(
            List.of(
                "33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
                "34 30 0:30 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"),
            List.of("5:memory:/user.slice", "4:cpu,cpuacct:/", "0::/"));
    assertThat(mounts.hierarchy("cpuacct")).contains(Path.of("/sys/fs/cgroup/cpu,cpuacct"));
    assertThat(mounts.hierarchy("memory")).contains(Path.of("/sys/fs/cgroup/memory"));
    assertThat(mounts.hierarchy("pids")).isEmpty();
  }
}
