package io.dropserver.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.reconciler.source.GitFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The hook files of docs/hooks, with real git and the real command line. */
@Tag("slow")
class HookFilesTest {
  private static final Path HOOKS = Path.of("..", "docs", "hooks").toAbsolutePath();
  private static final String VALID =
      """
      apiVersion: dropserver.io/v1
      kind: Instance
      metadata: {name: home}
      spec: {domain: dropserver.localhost}
      """;

  @TempDir Path folder;
  private GitFixture git;
  private String output = "";

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
  }

  /** Installs the hook with {@code DROPSERVER} set to a program that runs this build's classes. */
  private void install(String name, Path hooks) throws IOException {
    Path program = program();
    Path hook = Files.createDirectories(hooks).resolve(name);
    String text = Files.readString(HOOKS.resolve(name));
    Files.writeString(
        hook, text.replaceFirst("set -eu\n", "set -eu\nDROPSERVER='" + program + "'\n"));
    assertThat(hook.toFile().setExecutable(true)).isTrue();
  }

  private Path program() throws IOException {
    Path program = Files.createDirectories(folder.resolve("bin")).resolve("dropserver");
    Files.writeString(
        program,
        "#!/bin/sh\nexec '%s' -cp '%s' io.dropserver.cli.Main \"$@\"\n"
            .formatted(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path")));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    return program;
  }

  @Test
  void preReceiveRefusesInvalidPushesAndAcceptsValidOnes() throws IOException {
    install("pre-receive", git.remote.resolve("hooks"));
    git.write("instance.yaml", VALID);
    String good = git.push("valid");
    git.write("instance.yaml", VALID.replace("domain", "domian"));
    assertThatThrownBy(() -> git.push("invalid"))
        .hasMessageContaining("instance.yaml:4:")
        .hasMessageContaining("push refused");
    // Hidden from git archive, but still refused.
    git.write(".gitattributes", "instance.yaml export-ignore\n");
    assertThatThrownBy(() -> git.push("hidden")).hasMessageContaining("push refused");
    assertThat(git.git("ls-remote", "origin", "main")).startsWith(good);
    git.git("push", "-q", "origin", good + ":refs/heads/other");
  }

  @Test
  void postReceivePrintsTheResultAndNeverRefuses() throws IOException {
    install("post-receive", git.remote.resolve("hooks"));
    git.write("instance.yaml", VALID);
    git.commit("valid");
    assertThat(git.git("push", "origin", "HEAD:main"))
        .contains("remote: the server does not answer");
    Files.writeString(
        folder.resolve("bin/dropserver"),
        """
        #!/bin/sh
        [ "$1" = health ] || { echo "$@ in ${GIT_DIR:-no repository}"; exit 1; }
        """);
    git.write("instance.yaml", VALID.replace("domain", "domian"));
    git.commit("invalid");
    assertThat(git.git("push", "origin", "HEAD:main"))
        .contains("remote: sync --wait --timeout 30 in no repository");
  }

  @Test
  void preCommitValidatesTheIndex() throws IOException {
    install("pre-commit", git.work.resolve(".git/hooks"));
    git.write("instance.yaml", VALID);
    git.commit("valid");
    git.write("instance.yaml", VALID.replace("domain", "domian"));
    git.git("add", "-A");
    git.write("instance.yaml", VALID);
    assertThatThrownBy(() -> git.git("commit", "-q", "-m", "invalid in the index"))
        .hasMessageContaining("instance.yaml:4:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"github-workflow.yaml", "gitlab-ci.yml"})
  void theForgeWorkflowRefusesInvalidCommits(String file) throws Exception {
    String step = validation(HOOKS.resolve(file));
    git.write("instance.yaml", VALID);
    git.commit("valid");
    assertThat(run(step)).as(() -> output).isZero();
    git.write("instance.yaml", VALID.replace("domain", "domian"));
    git.commit("invalid");
    assertThat(run(step)).as(() -> output).isEqualTo(1);
  }

  /** The only command of the file that runs dropserver. */
  private static String validation(Path file) throws IOException {
    Object read = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    return commands(read).filter(text -> text.startsWith("dropserver ")).findFirst().orElseThrow();
  }

  private static Stream<String> commands(Object node) {
    return switch (node) {
      case Map<?, ?> map -> map.values().stream().flatMap(HookFilesTest::commands);
      case List<?> list -> list.stream().flatMap(HookFilesTest::commands);
      case String text -> Stream.of(text.strip());
      default -> Stream.empty();
    };
  }

  private int run(String step) throws Exception {
    ProcessBuilder shell = new ProcessBuilder("sh", "-ec", step).directory(git.work.toFile());
    shell.environment().merge("PATH", program().getParent() + ":", (path, ours) -> ours + path);
    shell.environment().put("CI_COMMIT_SHA", git.git("rev-parse", "HEAD").strip());
    Process process = shell.redirectErrorStream(true).start();
    output = new String(process.getInputStream().readAllBytes(), UTF_8);
    return process.waitFor();
  }
}
