package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.output.CommandException;
import io.dropserver.sandbox.linux.SpecialFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** The program that Git starts keeps the output open. */
  @Test
  void theTimeLimitCountsWhileTheOutputIsRead() {
    GitProgram impatient = new GitProgram(Duration.ofMillis(500));
    assertThatThrownBy(() -> impatient.run(folder, "-c", "alias.told=!sleep 600", "told"))
        .hasMessageContaining("did not end within");
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "inner"})
  void aFifoInsteadOfRulesIsRefused(String inner) throws IOException {
    Path fifo = Files.createDirectories(folder.resolve(inner)).resolve(".gitignore");
    SpecialFiles.makeFifo(fifo);
    assertThatThrownBy(() -> git.ignored(folder))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(".gitignore is not a regular file");
    assertThatThrownBy(() -> git.ignoredInPublication(folder))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining(".gitignore is not a regular file");
  }

  /** The repository names a program that Git starts to fetch the missing .gitignore. */
  @Test
  void theListOfIgnoredFilesStartsNoProgramOfTheRepository() throws IOException {
    Path program = folder.resolve("program");
    Path proof = folder.resolve("proof");
    Files.writeString(program, "#!/bin/sh\ntouch '" + proof + "'\nexit 1\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    Path rules = Files.writeString(folder.resolve(".gitignore"), "*.log\n");
    git.run(folder, "add", ".gitignore");
    String blob = git.run(folder, "rev-parse", ":.gitignore");
    git.run(folder, "update-index", "--skip-worktree", ".gitignore");
    Files.delete(rules);
    Files.delete(folder.resolve(".git/objects/" + blob.substring(0, 2) + "/" + blob.substring(2)));
    git.run(folder, "config", "core.repositoryFormatVersion", "1");
    git.run(folder, "config", "extensions.partialClone", "origin");
    git.run(folder, "config", "remote.origin.promisor", "true");
    git.run(folder, "config", "remote.origin.url", "ext::" + program);
    git.run(folder, "config", "protocol.ext.allow", "always");
    Files.writeString(folder.resolve("a.log"), "");

    assertThat(git.ignored(folder)).doesNotContain("a.log");
    assertThat(proof).doesNotExist();

    git.tryRun(folder, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory");
    assertThat(proof).as("the attack works without the protection").exists();
  }
}
