package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommitAuthorTest {
  @TempDir Path home;

  @Test
  void theAuthorIsThatOfThePersonsGitConfiguration() throws IOException {
    Map<String, String> environment = Map.of("HOME", home.toString());
    assertThat(CommitAuthor.of(environment)).isEmpty();
    Path file = home.resolve(".gitconfig");
    Files.writeString(file, "[user]\n\tname = Anna Ärmel\n");
    assertThat(CommitAuthor.of(environment)).as("without an address").isEmpty();
    Files.writeString(file, "[user]\n\tname = Anna Ärmel\n\temail = anna@example.org\n");
    assertThat(CommitAuthor.of(environment)).isEqualTo("Anna Ärmel <anna@example.org>");
  }

  @Test
  void withSudoTheHomeOfRootDoesNotCount() throws IOException {
    Files.writeString(home.resolve(".gitconfig"), "[user]\n\tname = R\n\temail = r@example.org\n");
    assertThat(CommitAuthor.of(Map.of("HOME", home.toString(), "SUDO_USER", "no-such-account")))
        .isEmpty();
  }
}
