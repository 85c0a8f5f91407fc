package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Location;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTagsTest {
  @TempDir private Path folder;
  private GitFixture git;
  private GitSource config;
  private String first;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
    git.write("main.ts", "1\n");
    first = git.push("one");
    config = new GitSource(git.settings(), InstantSource.system());
    config.poll(Optional.empty(), false);
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

  private void tags(int number) throws IOException {
    Files.writeString(
        Path.of(git.settings().url()).resolve("packed-refs"),
        IntStream.range(0, number)
            .mapToObj(i -> first + " refs/tags/v1.0." + i + "\n")
            .sorted()
            .collect(Collectors.joining("", "# pack-refs with: sorted \n", "")));
  }

  @Test
  void tagsAreReadWithoutFetching() throws IOException {
    tags(2);
    assertThat(sources(List.of(folder)).tags(git.settings().url()))
        .containsEntry("v1.0.0", first)
        .containsEntry("v1.0.1", first)
        .hasSize(2);
  }

  @Test
  void aRepositoryWithACertificateOfAHomeAuthorityNeedsTheTrustOfTheConfiguration()
      throws Exception {
    tags(1);
    CertificateAuthority authority = new CertificateAuthority(folder);
    try (HttpGit server = new HttpGit(folder, authority.server("ip:127.0.0.1"))) {
      String url = server.url("remote.git");
      AppSources strict = sources(List.of());
      AppSources trusting =
          new AppSources(
              config,
              folder.resolve("state/trusting"),
              List.of(),
              RemoteAccess.anonymous(List.of(authority.file())),
              InstantSource.system());
      App.GitRepositorySource source =
          new App.GitRepositorySource(Location.ofFile("apps.yaml"), url, first, ".");
      assertThatThrownBy(() -> strict.tags(url)).hasMessageContaining("repo.trust");
      assertThatThrownBy(() -> strict.files(source).copyTo((_, _) -> {}))
          .hasMessageContaining("repo.trust");
      assertThat(trusting.tags(url)).containsEntry("v1.0.0", first);
      List<String> files = new ArrayList<>();
      trusting.files(source).copyTo((path, _) -> files.add(path));
      assertThat(files).containsExactly("main.ts");
    }
  }

  @Test
  void tooManyTagsAreRefused() throws IOException {
    tags(ForeignRepositories.MAX_TAGS + 1);
    assertThatThrownBy(() -> sources(List.of(folder)).tags(git.settings().url()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more than 20000 tags");
  }

  @Test
  void aFolderThatIsNotOpenIsNotRead() {
    assertThatThrownBy(() -> sources(List.of()).tags(git.settings().url()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("apps.localRepositories");
    assertThatThrownBy(() -> sources(List.of(folder)).tags("ext::sh -c true"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be asked for its tags");
  }
}
