package io.dropserver.reconciler.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
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
    return new AppSources(config, folder.resolve("state/foreign"), open, InstantSource.system());
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
