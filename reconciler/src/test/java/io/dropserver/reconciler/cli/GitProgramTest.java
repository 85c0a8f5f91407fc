package io.dropserver.reconciler.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitProgramTest {
  /** An alias that runs in a shell. */
  private static final String ALIAS = "alias.told=!echo told; echo a warning >&2";

  @TempDir Path folder;
  private final GitProgram git = new GitProgram();

  @BeforeEach
  void init() throws IOException {
    git.run(folder, "init", "--quiet");
  }

  @Test
  void aWarningIsNotPartOfTheOutput() throws IOException {
    assertThat(git.run(folder, "-c", ALIAS, "told")).isEqualTo("told");
  }

  @Test
  void aFailureContainsWhatGitWrote() {
    assertThatThrownBy(() -> git.run(folder, "-c", ALIAS + "; exit 3", "told"))
        .hasMessageEndingWith("told failed: a warning\ntold");
  }

  /** More than the buffers of both pipes. */
  @Test
  void longWarningsDoNotBlock() throws IOException {
    String lines = "i=0; while [ $i -lt 30000 ]; do echo warning >&2; echo line; i=$((i+1)); done";
    assertThat(git.run(folder, "-c", "alias.told=!" + lines, "told").lines()).hasSize(30_000);
  }
}
