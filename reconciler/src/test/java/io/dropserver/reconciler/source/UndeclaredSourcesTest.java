package io.dropserver.reconciler.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.schema.instance.App.GitRepositorySource;
import io.dropserver.schema.instance.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UndeclaredSourcesTest {
  @TempDir Path folder;
  private GitFixture git;
  private UndeclaredSources sources;
  private String url;
  private String first;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
    git.write("main.ts", "1\n");
    first = git.push("one");
    git.git("tag", "-a", "v1", "-m", "A tag");
    git.git("push", "-q", "origin", "v1");
    url = "file://" + git.remote;
    sources = sources(List.of(folder));
  }

  private UndeclaredSources sources(List<Path> open) {
    return new UndeclaredSources(folder.resolve("cache"), open, InstantSource.system());
  }

  private Map<String, String> copied(String commit) throws IOException {
    AppFiles files = sources.files(new GitRepositorySource(Location.ofFile("x"), url, commit, "."));
    Map<String, String> copied = new TreeMap<>();
    files.copyTo((path, content) -> copied.put(path, new String(content.readAllBytes(), UTF_8)));
    return copied;
  }

  @Test
  void branchesTagsAndCommitsAreCommits() throws IOException {
    git.write("main.ts", "2\n");
    String second = git.push("two");
    for (String revision : List.of("v1", "refs/tags/v1", first)) {
      assertThat(sources.commit(url, revision)).as(revision).isEqualTo(first);
    }
    for (String revision : List.of("main", "refs/heads/main", "HEAD")) {
      assertThat(sources.commit(url, revision)).as(revision).isEqualTo(second);
    }
    assertThat(copied(first)).containsEntry("main.ts", "1\n");
  }

  @Test
  void aNameThatIsMissingOrMeansTwoCommitsIsRefused() {
    git.git("checkout", "-q", "-b", "v1");
    git.write("main.ts", "3\n");
    git.git("commit", "-qam", "A branch with the name of the tag");
    git.git("push", "-q", "origin", "refs/heads/v1");
    assertThatThrownBy(() -> sources.commit(url, "v1"))
        .hasMessageContaining("refs/heads/v1 or refs/tags/v1");
    assertThatThrownBy(() -> sources.commit(url, "v2"))
        .hasMessageContaining("has no branch and no tag v2");
    assertThatThrownBy(() -> sources.commit(url, first.substring(0, 7)))
        .hasMessageContaining("whole commit ids");
  }

  /** The commit decides what is fetched, so a branch that moves meanwhile changes nothing. */
  @Test
  void aBranchThatMovesAfterItWasReadDoesNotChangeTheFiles() throws IOException {
    String commit = sources.commit(url, "main");
    git.write("main.ts", "evil\n");
    git.git("commit", "-qa", "--amend", "-m", "another one");
    git.git("push", "-qf", "origin", "main");
    git.git("tag", "-f", "v1");
    assertThat(commit).isEqualTo(first);
    assertThat(copied(commit)).containsEntry("main.ts", "1\n");
  }

  @Test
  void submodulesLinksAndLargeFilesOfAnotherServerAreNotFollowed() throws IOException {
    String pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a".repeat(64) + "\nsize 9\n";
    git.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
    git.write("large.bin", pointer);
    String large = git.push("a pointer of Git LFS");
    assertThat(copied(large)).containsEntry("large.bin", pointer);
    git.git("update-index", "--add", "--cacheinfo", "160000," + first + ",module");
    git.git("commit", "-qm", "a submodule");
    git.git("push", "-q", "origin", "main");
    assertThatThrownBy(() -> copied(sources.commit(url, "main")))
        .hasMessageContaining("module")
        .hasMessageContaining("a submodule");
    git.git("rm", "-q", "--cached", "module");
    Files.createSymbolicLink(git.work.resolve("link"), Path.of("/etc/shadow"));
    git.push("a link");
    assertThatThrownBy(() -> copied(sources.commit(url, "main")))
        .hasMessageContaining("a symbolic link");
  }

  @Test
  void repositoriesOfThisMachineAreReadInOpenFoldersOnly() {
    UndeclaredSources closed = sources(List.of());
    assertThatThrownBy(() -> closed.commit(url, "main"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("apps.localRepositories");
    assertThatThrownBy(() -> sources.commit("ext::sh -c id", "main"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("helper program");
    assertThatThrownBy(() -> sources.commit("https://me:secret@example.org/x", "main"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("credentials");
  }

  @Test
  void aServerThatListsReferencesWithoutEndIsCutOff() throws IOException {
    try (HttpGit server = new HttpGit(folder)) {
      assertThat(sources.commit(server.url("remote.git"), "main")).isEqualTo(first);
      server.fault = HttpGit.Fault.ENDLESS_REFERENCES;
      assertThatThrownBy(() -> sources.commit(server.url("remote.git"), "main"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot be read");
    }
  }
}
