package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container with a read-only root file system, and with a read-only repository. */
class ReadOnlyMachineTest {
  @TempDir Path folder;

  @Test
  void aServerNeedsNeitherATemporaryFolderNorAWritableRepository() throws Exception {
    assumeTrue(System.getProperty("user.name").equals("root"), "only root mounts");
    List<String> noTemporaryFolder = List.of("-Djava.io.tmpdir=/proc/nowhere");
    try (LiveInstance instance = LiveInstance.tiny(folder, noTemporaryFolder)) {
      instance
          .repository()
          .write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 128))
          .push("One appspace");
      instance.startWithReadOnlyRepository();
      assertThat(instance.sync().served()).as(instance.log()).isTrue();
      assertThat(instance.sync().served()).isTrue();

      assertThat(instance.get("one", "/").body()).isEqualTo("version 1.0.0");
      assertThat(instance.log()).doesNotContain("Read-only file system", "\"exception\":");
    }
  }
}
