package io.dropserver.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClassCachesTest {
  @TempDir Path folder;

  @Test
  void completeCachesPassTheCheck() throws IOException {
    Files.createFile(folder.resolve("dropserver.aot"));
    Files.createFile(folder.resolve("server.aot"));
    assertThat(new ClassCaches(folder).check().present()).isTrue();
  }

  @Test
  void aMissingCacheIsNamedWithTheCommandThatMakesIt() throws IOException {
    Files.createFile(folder.resolve("dropserver.aot"));
    DoctorCheck check = new ClassCaches(folder).check();
    assertThat(check.present()).isFalse();
    assertThat(check.required()).isFalse();
    assertThat(check.detail()).contains("server.aot does not exist").doesNotContain(".log");
    assertThat(check.remedy()).endsWith("bin/dropserver --train-cache");
  }

  @Test
  void aFailedTrainingIsNamedWithItsLog() throws IOException {
    Files.createFile(folder.resolve("training-failed"));
    assertThat(new ClassCaches(folder).check().detail()).contains("training.log has the reason");
  }
}
