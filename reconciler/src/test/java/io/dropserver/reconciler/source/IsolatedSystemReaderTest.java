package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jgit.storage.file.FileBasedConfig;
import org.eclipse.jgit.util.FS;
import org.eclipse.jgit.util.SystemReader;
import org.junit.jupiter.api.Test;

class IsolatedSystemReaderTest {

  @Test
  void savingAConfigurationTouchesNoFile() throws Exception {
    IsolatedSystemReader.install();
    SystemReader reader = SystemReader.getInstance();
    FileBasedConfig[] configs = {
      reader.openUserConfig(null, FS.DETECTED),
      reader.openSystemConfig(null, FS.DETECTED),
      reader.openJGitConfig(null, FS.DETECTED)
    };
    for (FileBasedConfig config : configs) {
      assertThat(config.getFile().toString()).doesNotStartWith("/");
      config.setString("a", null, "b", "c");
      config.save();
      assertThat(config.getFile()).doesNotExist();
    }
    // JGit once renamed one of its files over a device that stood for "no file".
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void installingTwiceKeepsOneReader() {
    IsolatedSystemReader.install();
    SystemReader first = SystemReader.getInstance();
    IsolatedSystemReader.install();
    assertThat(SystemReader.getInstance()).isSameAs(first);
    assertThat(first.getenv("GIT_SSL_NO_VERIFY")).isEmpty();
  }
}
