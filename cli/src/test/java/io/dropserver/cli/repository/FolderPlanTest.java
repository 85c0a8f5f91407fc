package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.cli.CommandRun;
import io.dropserver.cli.output.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code plan} of a folder, with the real git program. */
class FolderPlanTest {
  @TempDir Path folder;
  private Path instance;

  @BeforeEach
  void writeInstance() throws IOException {
    instance = Files.createDirectory(folder.resolve("home"));
    write("instance.yaml", "Instance", "home", "spec: {domain: home.example.org}");
    write("users/alice.yaml", "User", "alice", "spec: {role: admin}");
    write(
        "apps/hello.yaml",
        "App",
        "hello",
        "spec:\n  versions:\n    - {version: 1.0.0, source: {path: apps/hello}}");
    Files.createDirectories(instance.resolve("apps/hello"));
    Files.writeString(
        instance.resolve("apps/hello/dropapp.json"),
        "{\"name\": \"hello\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\"}");
    Files.writeString(instance.resolve("apps/hello/main.ts"), "// hello\n");
  }

  private void write(String path, String kind, String name, String spec) throws IOException {
    Path file = instance.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(
        file,
        "apiVersion: dropserver.io/v1\nkind: %s\nmetadata: {name: %s}\n%s\n"
            .formatted(kind, name, spec));
  }

  private CommandRun plan(String command) {
    return CommandRun.alone(
        command, instance.toString(), "--state", folder.resolve("state").toString());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void aFolderThatIsNoRepositoryIsPlannedAsItIs() throws IOException {
    List<Path> before = files();
    CommandRun run = plan("plan");
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.DIFFERENCE);
    assertThat(run.out()).contains("create", "alice", "hello");
    assertThat(files()).as("planning writes nothing into the folder").isEqualTo(before);
  }

  @Test
  void diffIsAnotherNameOfPlanAndSeesFilesThatAreNotCommitted() throws IOException {
    new GitProgram().run(instance, "init", "--quiet");
    write("users/bob.yaml", "User", "bob", "spec: {role: member}");
    Files.writeString(instance.resolve(".gitignore"), "ignored/\n");
    write("ignored/carol.yaml", "User", "carol", "spec: {role: member}");
    CommandRun run = plan("diff");
    assertThat(run.out()).contains("bob").doesNotContain("carol");
    assertThat(new GitProgram().run(instance, "status", "--porcelain", "users"))
        .as("nothing was staged")
        .isEqualTo("?? users/");
  }

  @Test
  void aRenameWithoutRenamedFromIsNamed() throws IOException {
    String appspace = "spec: {app: {name: hello, version: 1.0.0}, owner: alice, access: public%s}";
    write("appspaces/shopping.yaml", "Appspace", "shopping", appspace.formatted(""));
    GitProgram git = new GitProgram();
    git.run(instance, "init", "--quiet", "--initial-branch=main");
    commit(git);
    Files.delete(instance.resolve("appspaces/shopping.yaml"));
    write("appspaces/party.yaml", "Appspace", "party", appspace.formatted(""));
    String warning = "warning: appspace shopping is removed, and party is created";
    CommandRun folder = CommandRun.alone("validate", instance.toString());
    assertThat(folder.err()).isEmpty();
    assertThat(folder.out()).contains(warning, "renamedFrom: shopping");
    commit(git);
    assertThat(CommandRun.alone("validate", "--repo", instance.toString(), "--rev", "HEAD").out())
        .contains(warning);
    String[] between = {"plan", "--repo", instance.toString(), "--base", "HEAD^", "--head", "HEAD"};
    assertThat(CommandRun.alone(between).out()).contains(warning);
    String[] json = java.util.Arrays.copyOf(between, between.length + 2);
    json[between.length] = "-o";
    json[between.length + 1] = "json";
    assertThat(CommandRun.alone(json).out()).contains("\"likelyRenames\"", "\"shopping\"");

    write(
        "appspaces/party.yaml", "Appspace", "party", appspace.formatted(", renamedFrom: shopping"));
    git.run(instance, "add", "--all");
    git.run(
        instance,
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@example.org",
        "commit",
        "--quiet",
        "--amend",
        "--no-edit");
    assertThat(CommandRun.alone(between).out()).doesNotContain("warning");
    assertThat(CommandRun.alone("validate", instance.toString()).out()).doesNotContain("warning");
  }

  private void commit(GitProgram git) throws IOException {
    git.run(instance, "add", "--all");
    git.commit(instance, "a", "a@example.org", "Change");
  }

  @Test
  void aFolderThatIsInvalidOrMissingIsAnError() throws IOException {
    write("users/bob.yaml", "User", "bob", "spec: {rle: member}");
    CommandRun run = plan("plan");
    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.err()).contains("users/bob.yaml:4:");
    assertThat(CommandRun.alone("plan", folder.resolve("none").toString()).err())
        .contains("is not a folder");
    assertThat(CommandRun.alone("plan", instance.toString(), "--repo", "x").err())
        .contains("both a folder and a repository");
  }
}
