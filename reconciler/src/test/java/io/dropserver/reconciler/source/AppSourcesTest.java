package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Location;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppSourcesTest {
  private static final Location HERE = new Location("apps.yaml", 1, 1);

  @TempDir Path folder;
  private GitFixture git;
  private GitSource config;
  private AppSources apps;
  private String first;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
    git.write("apps/weather/main.ts", "1\n");
    git.write("apps/weather/lib/x.ts", "x\n");
    git.write("apps/other.yaml", "o: 1\n");
    first = git.push("one");
    config = new GitSource(git.settings(), InstantSource.system());
    config.poll(Optional.empty(), false);
    apps = sources(List.of(folder));
  }

  @AfterEach
  void close() {
    config.close();
  }

  private AppSources sources(List<Path> open) {
    return new AppSources(
        config,
        folder.resolve("state/foreign"),
        open,
        RemoteAccess.anonymous(),
        InstantSource.system());
  }

  private static SortedMap<String, String> copied(AppFiles files) throws IOException {
    SortedMap<String, String> result = new TreeMap<>();
    files.copyTo(
        (path, content) ->
            result.put(path, new String(content.readAllBytes(), StandardCharsets.UTF_8)));
    return result;
  }

  private static App.PathSource path(String path, Optional<String> commit) {
    return new App.PathSource(HERE, path, commit);
  }

  private App.GitRepositorySource foreign(String url, String commit, String subdir) {
    return new App.GitRepositorySource(HERE, url, commit, subdir);
  }

  @Test
  void aFolderOfTheRevisionIsNamedByItsTree() throws IOException {
    AppFiles files = apps.files(path("apps/weather", Optional.empty()), first);
    assertThat(files.contentId()).isEqualTo("tree-" + git.git("rev-parse", "HEAD:apps/weather"));
    assertThat(copied(files))
        .containsOnlyKeys("main.ts", "lib/x.ts")
        .containsEntry("main.ts", "1\n");
  }

  @Test
  void aPinnedFolderKeepsItsOlderFiles() throws IOException {
    git.write("apps/weather/main.ts", "2\n");
    String second = git.push("two");
    config.poll(Optional.empty(), false);
    assertThat(copied(apps.files(path("apps/weather", Optional.of(first)), second)))
        .containsEntry("main.ts", "1\n");
    assertThat(copied(apps.files(path("apps/weather/", Optional.empty()), second)))
        .containsEntry("main.ts", "2\n");
  }

  @Test
  void missingFoldersAndCommitsAreReported() {
    assertThatThrownBy(() -> apps.files(path("apps/none", Optional.empty()), first))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("apps/none");
    assertThatThrownBy(() -> apps.files(path("apps", Optional.of("1".repeat(40))), first))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1".repeat(40));
  }

  @Test
  void aLinkInAnAppFolderIsRefused() throws IOException {
    Files.createSymbolicLink(git.work.resolve("apps/weather/secret"), Path.of("/etc/shadow"));
    String second = git.push("link");
    config.poll(Optional.empty(), false);
    AppFiles files = apps.files(path("apps/weather", Optional.empty()), second);
    assertThatThrownBy(() -> copied(files))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("secret")
        .hasMessageContaining("symbolic link");
  }

  @Test
  void aForeignRepositoryIsReadAtItsCommitAndThenFromTheCache() throws IOException {
    AppFiles files = apps.files(foreign(git.remote.toString(), first, "apps/weather"));
    assertThat(files.contentId()).startsWith("commit-" + first + "-");
    assertThat(copied(files)).containsOnlyKeys("main.ts", "lib/x.ts");
    Files.move(git.remote, folder.resolve("gone"));
    assertThat(copied(files)).containsOnlyKeys("main.ts", "lib/x.ts");
  }

  @Test
  void aRepositoryOfThisMachineIsReadInAnOpenFolderOnlyAlsoThroughALink() throws IOException {
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.createSymbolicLink(open.resolve("link.git"), git.remote);
    String link = open.resolve("link.git").toString();
    for (String url : List.of(git.remote.toString(), "file://" + git.remote, link)) {
      assertThatThrownBy(() -> copied(sources(List.of(open)).files(foreign(url, first, "."))))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("apps.localRepositories");
    }
    Files.move(git.remote, open.resolve("real.git"));
    String real = "file://" + open.resolve("real.git");
    assertThat(copied(sources(List.of(open)).files(foreign(real, first, "apps/weather"))))
        .containsOnlyKeys("main.ts", "lib/x.ts");
  }

  @Test
  void aForeignRepositoryIsReadOverHttpWithoutCredentials() throws IOException {
    git.write("apps/weather/main.ts", "2\n");
    git.push("a head that is not the pinned one");
    try (HttpGit server = new HttpGit(folder)) {
      assertThat(copied(apps.files(foreign(server.url("remote.git"), first, "apps/weather"))))
          .containsEntry("main.ts", "1\n");
      assertThat(server.authorizations).containsOnly("");
    }
  }

  @Test
  void aForeignRepositoryThatRunsAProgramOrLacksTheCommitIsRefused() {
    assertThatThrownBy(() -> copied(apps.files(foreign("ext::sh -c id", first, "."))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("helper program");
    String url = git.remote.toString();
    assertThatThrownBy(() -> copied(apps.files(foreign(url, "2".repeat(40), "."))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("2".repeat(40));
  }
}
