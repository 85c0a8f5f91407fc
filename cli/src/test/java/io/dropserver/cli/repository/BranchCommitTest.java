package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.output.CommandException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BranchCommitTest {
  private static final Map<String, String> FILES = Map.of("apps/wiki.yaml", "kind: App\n");

  @TempDir Path folder;
  private final GitProgram git = new GitProgram();
  private Path root = Path.of("");
  private Path remote = Path.of("");
  private BranchCommit commits = new BranchCommit(Path.of(""), git);

  @BeforeEach
  void create() throws IOException {
    remote = Files.createDirectory(folder.resolve("remote.git"));
    git.run(remote, "init", "--quiet", "--bare");
    root = Files.createDirectory(folder.toRealPath().resolve("home"));
    commits = new BranchCommit(root, git);
    git.run(root, "init", "--quiet", "--initial-branch=main");
    git.run(root, "config", "user.name", "Person");
    git.run(root, "config", "user.email", "person@example.org");
    git.run(root, "config", "commit.gpgsign", "false");
    Files.writeString(root.resolve("one.txt"), "one");
    git.run(root, "add", "--all");
    git.run(root, "commit", "--quiet", "--message", "Begin");
    git.run(root, "remote", "add", "origin", remote.toString());
  }

  @Test
  void theCheckoutStaysAsItIs() throws IOException {
    Files.writeString(root.resolve("one.txt"), "edited");
    Files.writeString(root.resolve("staged.txt"), "staged");
    git.run(root, "add", "staged.txt");
    String head = git.run(root, "rev-parse", "HEAD");
    String status = git.run(root, "status", "--porcelain");
    String commit = commits.push(FILES, "apps/wiki-1.0.0", "Add it");
    assertThat(git.run(remote, "rev-parse", "refs/heads/apps/wiki-1.0.0")).isEqualTo(commit);
    assertThat(git.run(remote, "show", "--format=%s", "--name-only", commit))
        .contains("Add it", "apps/wiki.yaml")
        .doesNotContain("one.txt", "staged.txt");
    assertThat(git.run(remote, "rev-parse", commit + "^")).isEqualTo(head);
    assertThat(git.run(root, "rev-parse", "HEAD")).isEqualTo(head);
    assertThat(git.run(root, "status", "--porcelain")).isEqualTo(status);
    assertThat(git.run(root, "branch", "--list")).isEqualTo("* main");
    assertThat(root.resolve("apps")).doesNotExist();
  }

  @Test
  void whatTheRepositoryContainsIsNotPushed() throws IOException {
    assertThat(commits.push(Map.of("one.txt", "one"), "same", "Add it")).isEmpty();
    assertThat(git.run(remote, "branch", "--list")).isEmpty();
  }

  @Test
  void aBranchWithOtherCommitsIsNotOverwritten() throws IOException {
    String first = commits.push(FILES, "wiki", "Add it");
    assertThatThrownBy(
            () -> commits.push(Map.of("apps/wiki.yaml", "kind: Other\n"), "wiki", "Add it"))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("the branch wiki was not pushed");
    assertThat(git.run(remote, "rev-parse", "wiki")).isEqualTo(first);
  }

  @Test
  void noHookOfTheCheckoutRunsBeforeThePush() throws IOException {
    Path hook = root.resolve(".git/hooks/pre-commit");
    Files.createDirectories(hook.getParent());
    Files.writeString(hook, "#!/bin/sh\ntouch " + folder.resolve("ran") + "\n");
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    var _ = commits.push(FILES, "wiki", "Add it");
    assertThat(folder.resolve("ran")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--force",
        "-x",
        "a:main",
        "+main",
        "a b",
        "a\nb",
        "a..b",
        "a/../b",
        "a.lock",
        "a/",
        "a.",
        "refs/heads/*",
        "a~1",
        "a^",
        "a@{1}",
        ""
      })
  void aNameThatIsNoBranchIsRefused(String name) {
    assertThatThrownBy(() -> commits.push(FILES, name, "Add it"))
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("the name of the branch is not permitted");
    assertThat(git.tryRun(remote, "branch", "--list")).contains("");
  }

  @Test
  void aCheckoutWithoutARemoteIsRefused() throws IOException {
    git.run(root, "remote", "remove", "origin");
    assertThatThrownBy(commits::requireRemote).hasMessageContaining("has no remote origin");
  }
}
