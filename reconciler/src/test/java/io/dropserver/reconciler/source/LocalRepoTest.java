package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalRepoTest {
  @TempDir Path folder;

  @Test
  void aWorkingCopyAndABareRepositoryAreReadAtAnyRevision() {
    GitFixture git = new GitFixture(folder);
    git.write("a.yaml", "a: 1\n");
    String first = git.push("one");
    git.write("b.yaml", "b: 1\n");
    git.push("two");
    for (Path path : new Path[] {git.work, git.remote}) {
      try (LocalRepo repo = LocalRepo.open(path, Map.of())) {
        assertThat(repo.tree("main").entries()).hasSize(2);
        assertThat(repo.tree("main~1").entries()).hasSize(1);
        assertThat(repo.snapshot(first.substring(0, 8)).revision().id()).isEqualTo(first);
        assertThatThrownBy(() -> repo.tree("nothing"))
            .isInstanceOf(SourceException.class)
            .hasMessageContaining("nothing");
      }
    }
    assertThatThrownBy(() -> LocalRepo.open(folder, Map.of())).isInstanceOf(SourceException.class);
  }

  @Test
  void aPreReceiveHookReadsThePushedCommitFromTheQuarantine() throws IOException {
    GitFixture git = new GitFixture(folder);
    git.write("a.yaml", "a: 1\n");
    git.push("one");
    Path saved = folder.resolve("quarantine");
    Path hook = git.remote.resolve("hooks/pre-receive");
    Files.createDirectories(hook.getParent());
    // Copies the quarantine, because git deletes it when the hook ends.
    Files.writeString(
        hook, "#!/bin/sh\ncp -r \"$GIT_OBJECT_DIRECTORY\" '%s' && exit 1\n".formatted(saved));
    assertThat(hook.toFile().setExecutable(true)).isTrue();
    git.write("b.yaml", "b: 1\n");
    String pushed = git.commit("two");
    assertThatThrownBy(() -> git.git("push", "-q", "origin", "HEAD:main"))
        .hasMessageContaining("hook declined");
    Map<String, String> environment =
        Map.of(
            "GIT_OBJECT_DIRECTORY",
            saved.toString(),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES",
            git.remote.resolve("objects").toString());
    try (LocalRepo repo = LocalRepo.open(git.remote, environment)) {
      assertThat(repo.tree(pushed).entries()).hasSize(2);
    }
    try (LocalRepo repo = LocalRepo.open(git.remote, Map.of())) {
      assertThatThrownBy(() -> repo.tree(pushed)).isInstanceOf(SourceException.class);
    }
  }
}
