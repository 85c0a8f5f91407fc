package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Tests the hosted CI workflow and the commit hook of contributors on a clone of this checkout. */
class ContributorFilesTest {
  private static final Map<String, String> COMMITTER =
      Map.of(
          "GIT_AUTHOR_NAME", "Test",
          "GIT_AUTHOR_EMAIL", "test@example.org",
          "GIT_COMMITTER_NAME", "Test",
          "GIT_COMMITTER_EMAIL", "test@example.org");

  private static final Path ROOT = Checkout.root();

  @TempDir Path folder;
  private Path clone;

  @BeforeEach
  void cloneTheCheckout() throws IOException, InterruptedException {
    clone = folder.resolve("clone");
    run(folder, Map.of(), "git", "clone", "-q", "--depth", "1", "file://" + ROOT, clone.toString());
  }

  @Test
  void theWorkflowChecksTheCommitOutAndRunsTheCiScript() throws IOException, InterruptedException {
    List<String> steps = steps(ROOT.resolve(".github/workflows/ci.yaml"));
    assertThat(steps).hasSize(2);
    // A commit without parents, since Git does not fetch the root of a shallow clone.
    String commit =
        run(clone, COMMITTER, "git", "commit-tree", "-m", "All files", "HEAD^{tree}")
            .output()
            .strip();
    run(clone, Map.of(), "git", "branch", "all-files", commit);
    // The container's packages are already installed on this machine.
    Path programs = Files.createDirectories(folder.resolve("programs"));
    write(programs.resolve("apt-get"), "#!/bin/sh\nexit 0\n");
    Path server = Files.createDirectories(folder.resolve("server/owner"));
    String repository = server + "/name.git";
    run(folder, Map.of(), "git", "init", "-q", "--bare", repository);
    run(clone, Map.of(), "git", "push", "-q", repository, "all-files");
    Path work = Files.createDirectories(folder.resolve("work"));
    String checkOut =
        steps
            .getFirst()
            .replace("${{ github.server_url }}", "file://" + server.getParent())
            .replace("${{ github.repository }}", "owner/name")
            .replace("${{ github.sha }}", commit);
    Map<String, String> environment =
        Map.of("TOKEN", "token", "PATH", programs + ":" + System.getenv("PATH"));
    Ran ran = run(work, environment, "bash", "-ec", checkOut);
    assertThat(ran.exitCode()).as(ran.output()).isZero();
    assertThat(run(work, Map.of(), "git", "rev-parse", "HEAD").output().strip()).isEqualTo(commit);
    assertThat(work.resolve(steps.getLast().strip())).isExecutable();
  }

  @Test
  void theHookRefusesUnformattedScriptsAndAcceptsFormattedOnes()
      throws IOException, InterruptedException {
    installHook();
    Files.createSymbolicLink(
        clone.resolve("tools/node_modules"), ROOT.resolve("tools/node_modules"));
    Path script = clone.resolve("sandbox/src/main/deno/extra.ts");
    assertRefusesThenAccepts(
        script, "export const   a=1\n", "export const a = 1;\n", "deno fmt on the files above");
  }

  @Test
  @Tag("long")
  void theHookRefusesUnformattedClassesAndAcceptsFormattedOnes()
      throws IOException, InterruptedException {
    installHook();
    Path source = clone.resolve("schema/src/main/java/io/dropserver/schema/Extra.java");
    assertRefusesThenAccepts(
        source,
        "package io.dropserver.schema;\nfinal   class Extra {}\n",
        "package io.dropserver.schema;\n\nfinal class Extra {}\n",
        "mvn spotless:apply -pl schema");
  }

  @Test
  void setupInstallsNothingForHelpOrAnUnknownOption() throws IOException, InterruptedException {
    Path programs = Files.createDirectories(folder.resolve("programs"));
    write(programs.resolve("apt-get"), "#!/bin/sh\necho apt-get was called\n");
    write(programs.resolve("npm"), "#!/bin/sh\necho npm was called\n");
    Map<String, String> environment = Map.of("PATH", programs + ":" + System.getenv("PATH"));
    Ran help = run(clone, environment, "bin/setup", "--help");
    assertThat(help.exitCode()).as(help.output()).isZero();
    assertThat(help.output()).contains("bin/setup --quick").doesNotContain("was called");
    Ran unknown = run(clone, environment, "bin/setup", "--tset");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.output()).contains("--tset", "--help").doesNotContain("was called");
  }

  @Test
  void anOldMavenOnlyDownloadsThePinnedOne() throws IOException, InterruptedException {
    String installed = run(clone, Map.of(), "sh", "-c", "command -v mvn").output().strip();
    Path programs = Files.createDirectories(folder.resolve("programs"));
    write(
        programs.resolve("mvn"),
        """
        #!/bin/sh
        case "$*" in
          --version) echo 'Apache Maven 3.8.7' ;;
          *maven-dependency-plugin*) exec %s "$@" ;;
          *) echo 'build-helper-maven-plugin:3.8.0 requires Maven version 3.9.0' >&2; exit 1 ;;
        esac
        """
            .formatted(installed));
    Map<String, String> environment = Map.of("PATH", programs + ":" + System.getenv("PATH"));
    Ran first = run(clone, environment, "tools/mvn", "--version");
    assertThat(first.exitCode()).as(first.output()).isZero();
    assertThat(first.output()).contains("Maven 3.8.7 is older than 3.9", "Apache Maven 3.9.");
    Ran second = run(clone, environment, "tools/mvn", "--version");
    assertThat(second.output()).contains("Apache Maven 3.9.").doesNotContain("3.8.7");
  }

  @Test
  void aDownloadedMavenWithAnotherDigestIsRefused() throws IOException, InterruptedException {
    Path programs = Files.createDirectories(folder.resolve("programs"));
    write(
        programs.resolve("mvn"),
        """
        #!/bin/sh
        for each in "$@"; do
          case $each in -DoutputDirectory=*) echo other > "${each#*=}/apache-maven-3.9.12-bin.tar.gz" ;; esac
        done
        [ "$1" != --version ] || echo 'Apache Maven 3.6.3'
        """);
    Map<String, String> environment = Map.of("PATH", programs + ":" + System.getenv("PATH"));
    Ran ran = run(clone, environment, "tools/mvn", "--version");
    assertThat(ran.exitCode()).as(ran.output()).isEqualTo(1);
    assertThat(ran.output()).contains("does not have the pinned SHA-512; nothing was installed");
    assertThat(clone.resolve("tools/maven")).isEmptyDirectory();
  }

  private void installHook() throws IOException {
    Files.createSymbolicLink(
        clone.resolve(".git/hooks/pre-commit"), Path.of("../../tools/hooks/pre-commit"));
  }

  private void assertRefusesThenAccepts(Path file, String bad, String good, String remedy)
      throws IOException, InterruptedException {
    Files.writeString(file, bad);
    run(clone, Map.of(), "git", "add", file.toString());
    Ran refused = commit();
    assertThat(refused.exitCode()).as(refused.output()).isEqualTo(1);
    assertThat(refused.output()).contains(remedy);
    Files.writeString(file, good);
    run(clone, Map.of(), "git", "add", file.toString());
    Ran accepted = commit();
    assertThat(accepted.exitCode()).as(accepted.output()).isZero();
  }

  private Ran commit() throws IOException, InterruptedException {
    return run(clone, COMMITTER, "git", "commit", "-q", "-m", "Change");
  }

  /** Returns the commands of the steps of the workflow's only job. */
  private static List<String> steps(Path file) throws IOException {
    Object workflow =
        new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
    return values(workflow, "run").toList();
  }

  private static Stream<String> values(Object node, String key) {
    return switch (node) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .flatMap(
                  entry ->
                      key.equals(entry.getKey())
                          ? Stream.of(String.valueOf(entry.getValue()))
                          : values(Objects.requireNonNullElse(entry.getValue(), ""), key));
      case List<?> list -> list.stream().flatMap(each -> values(each, key));
      default -> Stream.empty();
    };
  }

  private static void write(Path program, String text) throws IOException {
    Files.writeString(program, text);
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }

  private record Ran(int exitCode, String output) {}

  private static Ran run(Path folder, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Ran(process.waitFor(), output);
  }
}
