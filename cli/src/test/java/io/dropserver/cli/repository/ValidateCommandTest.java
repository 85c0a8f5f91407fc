package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ValidateCommandTest {
  @TempDir Path parent;
  private Path home = Path.of("");

  @BeforeEach
  void init() {
    home = parent.resolve("home");
    assertThat(CommandRun.alone("init", home.toString()).exitCode()).isZero();
  }

  @Test
  void theRepositoryWrittenByInitIsValid() {
    CommandRun run = CommandRun.alone("validate", home.toString());
    assertThat(run.out()).contains("valid: 1 user, 1 app, 1 appspace");
    assertThat(run.exitCode()).isZero();
  }

  @Test
  void whatGitIgnoresIsSkipped() throws IOException {
    String invalid = "apiVersion: dropserver.io/v1\nkind: Nothing\n";
    Path installed = Files.createDirectories(home.resolve("apps/hello/node_modules/x"));
    Files.writeString(installed.resolve("config.yaml"), invalid);
    Files.createSymbolicLink(installed.resolve("link"), Path.of("/etc"));
    Path draft = home.resolve("users/draft.yaml");
    Files.writeString(draft, invalid);
    CommandRun before = CommandRun.alone("validate", home.toString());
    assertThat(before.out()).contains("users/draft.yaml").doesNotContain("node_modules");

    Files.writeString(home.resolve("users/.gitignore"), "draft.yaml\n");
    CommandRun after = CommandRun.alone("validate", home.toString());
    assertThat(after.exitCode()).as(after.out()).isZero();
    new GitProgram().run(home, "add", "--force", "users/draft.yaml");
    assertThat(CommandRun.alone("validate", home.toString()).out())
        .as("Git does not ignore a file that it tracks")
        .contains("users/draft.yaml");
  }

  @Test
  void aFolderThatAnOuterRepositoryIgnoresIsValidatedAsAWhole() throws IOException {
    new GitProgram().run(parent, "init", "--quiet");
    Files.writeString(parent.resolve(".gitignore"), "copy/\n");
    Path copy = parent.resolve("copy");
    DirectoryTrees.copy(home, copy);
    AtomicFiles.deleteTree(copy.resolve(".git"));
    Files.writeString(copy.resolve("users/draft.yaml"), "kind: Nothing\n");
    assertThat(CommandRun.alone("validate", copy.toString()).out()).contains("users/draft.yaml");
  }

  @Test
  void everyProblemIsOneLineWithItsPlace() throws IOException {
    spoil();
    CommandRun run = CommandRun.alone("validate", home.toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out().lines())
        .hasSize(2)
        .allSatisfy(
            line -> assertThat(line).matches("appspaces/hello\\.yaml:\\d+:\\d+: error: .+"));
  }

  @Test
  void jsonHasTheFormThatScriptsRelyOn() throws IOException {
    spoil();
    JsonNode json =
        JsonMapper.shared()
            .readTree(CommandRun.alone("validate", home.toString(), "-o", "json").out());
    assertThat(json.at("/problems/0/file").asString()).isEqualTo("appspaces/hello.yaml");
    assertThat(json.at("/problems/0/line").asInt()).isEqualTo(7);
    assertThat(json.at("/problems/0/column").asInt()).isEqualTo(10);
    assertThat(json.at("/problems/1/hint").asString()).isEqualTo("did you mean access?");
  }

  @Test
  void sarifNamesTheSamePlaces() throws IOException {
    spoil();
    JsonNode sarif =
        JsonMapper.shared()
            .readTree(CommandRun.alone("validate", home.toString(), "-o", "sarif").out());
    assertThat(sarif.at("/version").asString()).isEqualTo("2.1.0");
    assertThat(sarif.at("/runs/0/results/0/locations/0/physicalLocation/region/startLine").asInt())
        .isEqualTo(7);
  }

  @Test
  void schemasReferencedByInitExist() throws IOException {
    try (var files = Files.walk(home)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".yaml")).toList()) {
        String first = Files.readAllLines(file).getFirst();
        assertThat(first).startsWith("# yaml-language-server: $schema=");
        assertThat(file.resolveSibling(first.substring(first.indexOf('=') + 1))).isRegularFile();
      }
    }
  }

  @Test
  void aCommitIsValidatedRegardlessOfTheWorkingTree() throws IOException {
    GitProgram git = new GitProgram();
    git.run(home, "-c", "user.name=P", "-c", "user.email=p@example.org", "commit", "-qm", "Begin");
    spoil();
    CommandRun run =
        CommandRun.alone("validate", "--repo", home.resolve(".git").toString(), "--rev", "HEAD");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(CommandRun.alone("validate", home.toString()).exitCode()).isEqualTo(ExitCode.ERROR);
  }

  @Test
  void aMissingCommitIsReported() {
    CommandRun run = CommandRun.alone("validate", home.toString(), "--rev", "v1");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("v1");
  }

  @Test
  void aMissingFolderIsReported() {
    CommandRun run = CommandRun.alone("validate", parent.resolve("nowhere").toString());
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("nowhere").doesNotContain("\tat ");
  }

  private void spoil() throws IOException {
    Path file = home.resolve("appspaces/hello.yaml");
    Files.writeString(
        file,
        Files.readString(file).replace("owner: me", "owner: mee").replace("access:", "acess:"));
  }
}
