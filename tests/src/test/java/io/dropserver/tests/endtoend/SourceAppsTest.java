package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.sandbox.app.InstallProgress;
import io.dropserver.schema.host.HostConfig.Forge;
import io.dropserver.schema.host.HostConfig.IsolationLayer;
import io.dropserver.schema.host.HostConfig.SandboxSettings;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.PackageSource;
import io.dropserver.schema.instance.Location;
import io.dropserver.server.trial.SourceTrial;
import io.dropserver.server.trial.SourceTrial.PackageOrigin;
import io.dropserver.tests.forge.FakeForge;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Git repositories and packages as sources of apps, from the command to the page. */
@Tag("slow")
class SourceAppsTest {
  private static final String MANIFEST =
      "{\"name\": \"Board\", \"version\": \"2.1.0\", \"entrypoint\": \"main.ts\","
          + " \"permissions\": [{\"name\": \"edit\", \"description\": \"Change the board\"}],"
          + " \"egress\": [{\"url\": \"https://api.example.org/\", \"reason\": \"Weather\"}]}";

  /** The fake forge knows only branches with this prefix. */
  private static final String BRANCH = "dropserver/app/board";

  private static final String PROGRAM =
      "export default { fetch: () => new Response('the board') };\n";

  @TempDir private Path folder;
  private LiveInstance instance;
  private ConfigRepository repository;
  private Path app;
  private Path config;

  @BeforeEach
  void prepare() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    config = folder.resolve("host.yaml");
    Files.writeString(
        config,
        "apps: {localRepositories: ["
            + folder
            + "]}\n"
            + "sandbox: {allowWeaker: [uid, cgroup, storage]}\n");
    instance = LiveInstance.tiny(folder, "--config", config.toString());
    repository = instance.repository();
    repository.git("config", "user.name", "Person");
    repository.git("config", "user.email", "person@example.org");
    repository.git("config", "commit.gpgsign", "false");
    app = Files.createDirectory(folder.resolve("board"));
    git("init", "-q", "--initial-branch=main");
  }

  @AfterEach
  void close() {
    instance.close();
  }

  private String git(String... arguments) throws IOException {
    List<String> command =
        Stream.concat(
                Stream.of("git", "-C", app.toString(), "-c", "user.name=A", "-c", "user.email=a@b"),
                Arrays.stream(arguments))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), UTF_8).strip();
  }

  private String commit(String message) throws IOException {
    git("add", "--all");
    git("commit", "-qm", message);
    return git("rev-parse", "HEAD");
  }

  @Test
  void anAppOfAGitRepositoryIsAddedByOneCommand() throws Exception {
    Files.writeString(app.resolve("dropapp.json"), MANIFEST);
    Files.writeString(app.resolve("main.ts"), PROGRAM);
    String commit = commit("one");
    git("tag", "v2.1.0");
    CommandLineProgram added = add("git:file://" + app + "@v2.1.0");
    assertThat(added.exitCode()).describedAs(added.err()).isZero();
    assertThat(added.out())
        .contains(
            "board 2.1.0, git file://" + app + " at " + commit,
            "GET HEAD https://api.example.org/ (Weather)",
            "edit (Change the board)",
            "wrote board.yaml",
            "committed");
    assertThat(repository.git("show", "--format=%s", "HEAD"))
        .contains("Add git:file://" + app + "@v2.1.0", "commit: ", commit)
        .doesNotContain("lock:");
    CommandLineProgram again = add("git:file://" + app + "@v2.1.0");
    assertThat(again.out()).describedAs(again.err()).contains("nothing changed");
    serve("board", "2.1.0", "the board");
  }

  @Test
  void aProgramWithoutAManifestRunsWithTheOneOfItsEntry() throws Exception {
    Files.createDirectories(app.resolve("web/src"));
    Files.writeString(
        app.resolve("web/src/server.ts"),
        "Deno.serve((_) => new Response('started with ' + Deno.args.join(' ')));\n");
    commit("one");
    String before = repository.git("rev-parse", "HEAD");
    CommandLineProgram unknown = add("git:file://" + app + "@main", "--subdir", "web");
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.err()).contains("has no dropapp.json", "--app-version");
    assertThat(repository.git("rev-parse", "HEAD")).isEqualTo(before);
    CommandLineProgram added =
        add(
            "git:file://" + app + "@main",
            "--subdir",
            "web",
            "--app-version",
            "0.1.0",
            "--entrypoint",
            "src/server.ts",
            "--",
            "--quiet");
    assertThat(added.exitCode()).describedAs(added.err()).isZero();
    assertThat(repository.git("show", "HEAD"))
        .contains("entrypoint: \"src/server.ts\", args: [\"--quiet\"]", "subdir: web");
    serve("board", "0.1.0", "started with --quiet");
  }

  @Test
  void whatDoesNotServeIsNotAdded() throws Exception {
    Files.writeString(app.resolve("dropapp.json"), MANIFEST);
    Files.writeString(app.resolve("main.ts"), "export const nothing = 1;\n");
    commit("one");
    String before = repository.git("rev-parse", "HEAD");
    for (String revision : List.of("main", "v9")) {
      CommandLineProgram refused = add("git:file://" + app + "@" + revision);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("no file was changed");
    }
    assertThat(repository.git("rev-parse", "HEAD")).isEqualTo(before);
    assertThat(repository.git("status", "--porcelain")).isBlank();
  }

  @Test
  void aPullRequestIsOpenedAndTheCheckoutStaysAsItIs() throws Exception {
    Files.writeString(app.resolve("dropapp.json"), MANIFEST.replace("Weather", "<b>@all</b> `x`"));
    Files.writeString(app.resolve("main.ts"), PROGRAM);
    commit("one");
    String source = "git:file://" + app + "@main";
    CommandLineProgram unknown = add(source, "--pull-request");
    assertThat(unknown.err()).contains("no forge is configured");
    try (FakeForge forge = FakeForge.open(Forge.FORGEJO, repository::branches)) {
      Path token = folder.resolve("token");
      Files.writeString(token, FakeForge.TOKEN);
      Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-------"));
      Files.writeString(
          config,
          "repo: {url: \"%s\", write: {forge: forgejo, api: \"%s\", tokenFile: token}}\n"
              .formatted(repository.remote(), forge.api()),
          StandardOpenOption.APPEND);
      String head = repository.git("rev-parse", "HEAD");
      CommandLineProgram added = add(source, "--pull-request", "--branch", BRANCH);
      assertThat(added.exitCode()).describedAs(added.err()).isZero();
      assertThat(added.out()).contains("to the branch " + BRANCH, "opened the pull request");
      assertThat(repository.git("rev-parse", "HEAD")).isEqualTo(head);
      assertThat(repository.git("status", "--porcelain")).isBlank();
      FakeForge.FakePullRequest pull = forge.pullRequest(BRANCH);
      assertThat(pull.into()).isEqualTo("main");
      assertThat(pull.title()).isEqualTo("Add the app board 2.1.0");
      assertThat(pull.body()).contains("\n    destinations: ").contains("<b>@all</b> `x`");
      assertThat(pull.body().lines().filter(line -> line.contains("@all")))
          .allSatisfy(line -> assertThat(line).startsWith("    "));
      repository.git("fetch", "-q", "origin");
      assertThat(repository.git("show", "--format=%s", "origin/" + BRANCH))
          .contains("Add " + source, "commit: ");
    }
  }

  /** The server sends other bytes at each request, and is asked once. */
  @Test
  void aPackageThatChangesIsTriedAndDeclaredAsItWasFetched() throws Exception {
    Files.writeString(app.resolve("dropapp.json"), MANIFEST);
    AtomicInteger requests = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          int number = requests.incrementAndGet();
          Files.writeString(app.resolve("main.ts"), PROGRAM + "// " + number + "\n");
          byte[] archive =
              new ProcessBuilder("tar", "-cz", "-C", app.toString(), "dropapp.json", "main.ts")
                  .start()
                  .getInputStream()
                  .readAllBytes();
          exchange.sendResponseHeaders(200, archive.length);
          exchange.getResponseBody().write(archive);
          exchange.close();
        });
    server.start();
    try {
      URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/b.tar.gz");
      SandboxSettings settings =
          SandboxSettings.DEFAULT.withAllowWeaker(
              new TreeSet<>(EnumSet.allOf(IsolationLayer.class)));
      SourceTrial trial =
          new SourceTrial(
              settings, CommandLineProgram.checkout(), List.of(), InstallProgress.SILENT);
      SourceTrial.Outcome outcome =
          trial.run(
              new PackageOrigin(url),
              "board",
              fetched ->
                  new AppVersion(
                      fetched.manifest().orElseThrow().version(),
                      Location.ofFile("x"),
                      fetched.source()));
      assertThat(requests).hasValue(1);
      assertThat(outcome.lock()).isEmpty();
      assertThat(((PackageSource) outcome.fetched().source()).sha256()).matches("[0-9a-f]{64}");
    } finally {
      server.stop(0);
    }
  }

  private void serve(String name, String version, String text) throws Exception {
    repository
        .write(
            "appspaces/one.yaml",
            MinimalInstance.appspace("one", version, false, 512)
                .replace("{name: hello,", "{name: " + name + ","))
        .push("Use the app");
    instance.start();
    var _ = instance.sync();
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(() -> assertThat(instance.get("one", "/").body()).isEqualTo(text));
  }

  private CommandLineProgram add(String... arguments) throws IOException, InterruptedException {
    List<String> command =
        Stream.concat(
                Stream.of(
                    "app",
                    "add",
                    "--config",
                    config.toString(),
                    "--dir",
                    repository.workingCopy().toString()),
                Arrays.stream(arguments))
            .toList();
    return CommandLineProgram.run(command.toArray(String[]::new));
  }
}
