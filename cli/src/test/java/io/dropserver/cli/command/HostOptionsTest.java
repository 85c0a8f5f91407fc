package io.dropserver.cli.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.host.HostConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostOptionsTest {
  @TempDir Path folder;
  private final HostOptions options = new HostOptions();

  @Test
  void withoutAFileTheOptionsSayItAll() throws IOException {
    options.repository = folder.toString();
    HostConfig config = options.config();
    assertThat(config.repo())
        .hasValueSatisfying(
            repo -> {
              assertThat(repo.url()).isEqualTo(folder.toString());
              assertThat(repo.branch()).isEqualTo("main");
            });
  }

  @Test
  void optionsWinOverTheFile() throws IOException {
    options.file =
        Files.writeString(
            folder.resolve("dropserver.yaml"),
            "repo: {url: \"https://forge.example.org/home.git\", branch: live, paths: [home]}\n");
    options.branch = "next";
    HostConfig.Repo repo = options.config().repo().orElseThrow();
    assertThat(repo.url()).isEqualTo("https://forge.example.org/home.git");
    assertThat(repo.branch()).isEqualTo("next");
    assertThat(repo.paths()).containsExactly("home");
  }

  @Test
  void problemsOfTheFileAreListedWithTheirPlaces() throws IOException {
    options.file = Files.writeString(folder.resolve("dropserver.yaml"), "repos: {}\nlisten: 3\n");
    assertThatThrownBy(options::config)
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("dropserver.yaml:1:1")
        .hasMessageContaining("dropserver.yaml:2:9");
  }

  @Test
  void aServerWithoutARepositoryIsAnError() {
    assertThatThrownBy(options::config)
        .isInstanceOf(CommandException.class)
        .hasMessageContaining("no config repository");
  }

  @Test
  void theStateFolderIsTheOptionThenTheFileThenTheEnvironment() {
    StateOption state = new StateOption();
    assertThat(HostOptions.state(HostConfig.DEFAULT, state, Map.of()).root())
        .isEqualTo(StateOption.SERVICE_FOLDER);
    assertThat(
            HostOptions.state(HostConfig.DEFAULT, state, Map.of("DROPSERVER_STATE", "/from/env"))
                .root())
        .isEqualTo(Path.of("/from/env"));
    state.folder = Path.of("/from/option");
    assertThat(
            HostOptions.state(HostConfig.DEFAULT, state, Map.of("DROPSERVER_STATE", "/from/env"))
                .root())
        .isEqualTo(Path.of("/from/option"));
  }

  @Test
  void addressesAreReadAsPeopleWriteThem() {
    assertThat(HostOptions.listener("127.0.0.1:8080").address().getPort()).isEqualTo(8080);
    assertThat(HostOptions.listener(":8081").address().getHostString()).isEqualTo("127.0.0.1");
    assertThat(HostOptions.listener("[::1]:8082").address().getHostString()).isEqualTo("::1");
    assertThatThrownBy(() -> HostOptions.listener("8080x")).isInstanceOf(CommandException.class);
    assertThatThrownBy(() -> HostOptions.listener("host:99999"))
        .isInstanceOf(CommandException.class);
  }
}
