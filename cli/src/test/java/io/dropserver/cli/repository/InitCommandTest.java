package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InitCommandTest {
  @TempDir Path folder;

  @Test
  void writesARepositoryUnderGit() throws IOException {
    CommandRun run = CommandRun.alone("init", folder.resolve("home").toString());
    assertThat(run.exitCode()).isZero();
    assertThat(folder.resolve("home/instance.yaml")).content().contains("kind: Instance");
    assertThat(new GitProgram().run(folder.resolve("home"), "ls-files"))
        .contains("appspaces/hello.yaml", "apps/hello/main.ts", "apps/hello/dropserver.d.ts");
    assertThat(folder.resolve("home/apps/hello/dropserver.d.ts"))
        .content()
        .contains("DropserverApp");
    assertThat(folder.resolve("home/.gitignore")).content().contains("node_modules/");
  }

  @Test
  void refusesANonEmptyFolder() throws IOException {
    Files.writeString(folder.resolve("mine.txt"), "mine");
    CommandRun run = CommandRun.alone("init", folder.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("is not empty");
    assertThat(folder).isDirectoryContaining(path -> path.endsWith("mine.txt"));
    assertThat(folder.resolve("instance.yaml")).doesNotExist();
  }
}
