package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.control.ControlException;
import io.dropserver.state.condition.Condition;
import io.dropserver.web.control.UpdateClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New versions of apps as branches: from a registry or repository on loopback to the page. */
@Tag("slow")
class AppUpdateTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final String PROGRAM =
      """
      import http from "node:http";
      http.createServer((request, response) => response.end("VERSION")).listen(3000);
      """;

  @TempDir private Path folder;
  private NpmRegistry registry;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void prepare() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    registry = new NpmRegistry(folder.resolve("registry"));
    Files.createDirectories(folder.resolve("upstream"));
    Path config = folder.resolve("dropserver.yaml");
    instance = LiveInstance.tiny(folder, "--config", config.toString());
    repository = instance.repository();
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        repo: {url: "%s"}
        egress: {open: [127.0.0.0/8]}
        apps: {npmRegistry: "%s", localRepositories: ["%s"]}
        """
            .formatted(repository.remote(), registry.url(), folder.resolve("upstream")));
    repository.git("config", "user.name", "Person");
    repository.git("config", "user.email", "person@example.org");
    repository.git("config", "commit.gpgsign", "false");
  }

  @AfterEach
  void close() {
    instance.close();
    registry.close();
  }

  private void publish(String version, String... more) throws Exception {
    Map<String, String> files = new java.util.TreeMap<>();
    files.put("index.js", PROGRAM.replace("VERSION", "oracle " + version));
    for (int i = 0; i < more.length; i += 2) {
      files.put(more[i], more[i + 1]);
    }
    registry.publish("oracle", version, files);
  }

  /** Declares version 1.0.0 of the package, without a lock, which the server then reports. */
  private void declareOracle(String follow) throws Exception {
    publish("1.0.0");
    repository
        .write("apps/oracle-1.0.0.lock", lock())
        .write(
            "apps/oracle.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: oracle}
            spec:
              follow: %s
              versions:
                - version: 1.0.0
                  source: {npm: oracle}
                  lock: oracle-1.0.0.lock
            """
                .formatted(follow))
        .write(
            "appspaces/delphi.yaml",
            MinimalInstance.appspace("delphi", "1.0.0", false, 256)
                .replace("{name: hello,", "{name: oracle,"))
        .push("An oracle");
    instance.start();
    var _ = instance.sync();
    awaitPage("delphi", "oracle 1.0.0");
  }

  /** The lock file of a package without dependencies. */
  private String lock() throws IOException {
    byte[] tarball = Files.readAllBytes(folder.resolve("registry/oracle-1.0.0.tgz"));
    try {
      String integrity =
          java.util.Base64.getEncoder()
              .encodeToString(java.security.MessageDigest.getInstance("SHA-512").digest(tarball));
      return """
      {"version": "5", "specifiers": {"npm:oracle@1.0.0": "1.0.0"}, "npm": {"oracle@1.0.0":
        {"integrity": "sha512-%s", "bin": true, "tarball": "%s"}}}
      """
          .formatted(integrity, registry.url().resolve("/oracle/-/oracle-1.0.0.tgz"));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aNewVersionBecomesABranchThatNamesItsEgressAndMergingIsTheUpgrade() throws Exception {
    declareOracle("{range: ^1.0}");
    publish("2.0.0"); // outside of the range
    publish(
        "1.1.0",
        "CHANGELOG.md",
        "# 1.1.0\n\nSees further. [click](https://evil.example) @everyone `x`\n",
        "dropapp.json",
        """
        {"name": "Oracle", "version": "1.1.0", "entrypoint": "npm:oracle",
         "egress": [{"url": "https://api.example.org/", "reason": "omens"}],
         "browser": [{"feature": "fullscreen"}]}
        """);

    instance.control().retry("App", "oracle");
    String branch = "dropserver/update/oracle/1.1.0";
    awaitBranch(branch);
    String diff = diff(branch);
    assertThat(diff)
        .contains("+    - version: 1.1.0", "+      lock: oracle-1.1.0.lock", "sha512-")
        .contains("+", "https://api.example.org/", "feature: fullscreen")
        .contains("+  app: {name: oracle, version: 1.1.0}");
    String message = repository.onRemote("log", "-1", "--format=%B", branch);
    assertThat(message)
        .contains("Update oracle from 1.0.0 to 1.1.0", "newly asks for egress", "api.example.org")
        .contains("browser: fullscreen")
        .contains("needs no migration", "passed its self-check", "delphi");
    assertThat(repository.branches()).doesNotContainKey("dropserver/update/oracle/2.0.0");
    awaitOffer(branch);
    assertThat(conditions("Appspace", "delphi")).contains("UpdateOffered");

    merge(branch);
    awaitPage("delphi", "oracle 1.1.0");
    instance.control().retry("App", "oracle");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(repository.branches()).doesNotContainKey(branch);
              assertThat(conditions("App", "oracle")).doesNotContain("UpdateOffered");
            });
  }

  @Test
  void aDeletedBranchIsARememberedNoAndALaterVersionIsOffered() throws Exception {
    declareOracle("{range: ^1.0}");
    publish("1.1.0");
    instance.control().retry("App", "oracle");
    String branch = "dropserver/update/oracle/1.1.0";
    awaitBranch(branch);
    repository.git("push", "--quiet", "origin", ":" + branch);

    askAndAwaitNoOffer();
    instance.server().close();
    instance.start();
    askAndAwaitNoOffer();
    assertThat(repository.branches()).doesNotContainKey(branch);

    publish("1.2.0");
    instance.control().retry("App", "oracle");
    awaitBranch("dropserver/update/oracle/1.2.0");
    publish("1.3.0");
    instance.control().retry("App", "oracle");
    awaitBranch("dropserver/update/oracle/1.3.0");
    // The server withdraws an older offer after it has written the newer one.
    await("a newer offer replaces an older one")
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(repository.branches())
                    .doesNotContainKeys("dropserver/update/oracle/1.2.0", branch));
  }

  @Test
  void aDecisionOnTheServerIsACommitInThePersonsName() throws Exception {
    declareOracle("{range: ^1.0}");
    publish("1.1.0");
    instance.control().retry("App", "oracle");
    String branch = "dropserver/update/oracle/1.1.0";
    awaitBranch(branch);
    awaitOffer(branch);
    repository.write("note.txt", "The head moves.").push("Another change");
    UpdateClient updates = new UpdateClient(instance.state());
    assertThat(updates.updates())
        .singleElement()
        .satisfies(
            update -> {
              assertThat(update.app()).isEqualTo("oracle");
              assertThat(update.version()).isEqualTo("1.1.0");
              assertThat(update.place()).isEqualTo(branch);
            });
    assertThatThrownBy(() -> updates.merge("oracle", "9.9.9", "", "alice"))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("is not offered");

    String commit = updates.updates().getFirst().commit();
    assertThatThrownBy(() -> updates.merge("oracle", "1.1.0", "0".repeat(40), "alice"))
        .hasMessageContaining("wrote version 1.1.0 of oracle again");
    updates.merge("oracle", "1.1.0", commit, "Alice <root@example.org>\nCo");
    awaitPage("delphi", "oracle 1.1.0");
    assertThat(repository.onRemote("log", "-1", "--format=%an %cn %ae", "main"))
        .contains("Alice root(at)example.org Co")
        .doesNotContain("root@example.org");
    assertThat(repository.onRemote("show", "main:note.txt")).contains("The head moves.");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              assertThat(repository.branches()).doesNotContainKey(branch);
              assertThat(updates.updates()).isEmpty();
            });

    publish("1.2.0");
    instance.control().retry("App", "oracle");
    awaitBranch("dropserver/update/oracle/1.2.0");
    awaitOffer("dropserver/update/oracle/1.2.0");
    updates.decline("oracle", "1.2.0", "alice");
    assertThat(updates.updates()).isEmpty();
    askAndAwaitNoOffer();
    assertThat(repository.branches()).doesNotContainKey("dropserver/update/oracle/1.2.0");
  }

  private void askAndAwaitNoOffer() {
    long before = registry.requestsFor("/oracle");
    instance.control().retry("App", "oracle");
    await().atMost(TIMEOUT).until(() -> registry.requestsFor("/oracle") > before);
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(conditions("App", "oracle")).doesNotContain("UpdateOffered"));
  }

  @Test
  void aBranchWithCommitsOfAPersonIsNeitherMovedNorDeleted() throws Exception {
    declareOracle("{range: ^1.0}");
    publish("1.1.0");
    instance.control().retry("App", "oracle");
    String branch = "dropserver/update/oracle/1.1.0";
    awaitBranch(branch);
    repository.git("fetch", "--quiet", "origin");
    repository.git("checkout", "--quiet", "-b", "mine", "origin/" + branch);
    repository.write("note.txt", "of a person").commit("Add a note");
    repository.git("push", "--quiet", "origin", "mine:" + branch);
    String tip = repository.branches().get(branch);
    repository.git("checkout", "--quiet", "main");

    publish("1.2.0");
    instance.control().retry("App", "oracle");
    awaitBranch("dropserver/update/oracle/1.2.0");
    assertThat(repository.branches()).containsEntry(branch, tip);
  }

  @Test
  void anUnreachableRegistryIsAConditionThatDisappears() throws Exception {
    declareOracle("{range: ^1.0}");
    registry.setBroken(true);
    instance.control().retry("App", "oracle");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(conditions("App", "oracle"))
                    .contains("UpdateFailed", "OriginFailed", "status 503"));
    registry.setBroken(false);
    // Without another question of a person, because a failed one is repeated soon.
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(conditions("App", "oracle")).doesNotContain("UpdateFailed"));
  }

  /** Also if no other app is followed. */
  @Test
  void aProblemDisappearsWithTheFollowThatCausedIt() throws Exception {
    declareOracle("{range: ^1.0}");
    registry.setBroken(true);
    instance.control().retry("App", "oracle");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(conditions("App", "oracle")).contains("UpdateFailed"));
    Path document = repository.workingCopy().resolve("apps/oracle.yaml");
    Files.writeString(
        document, Files.readString(document).replace("  follow: {range: ^1.0}\n", ""));
    repository.push("Do not follow it any more");
    assertThat(instance.sync().served()).isTrue();
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(conditions("App", "oracle")).doesNotContain("UpdateFailed"));
  }

  @Test
  void aVersionThatDoesNotServeIsNotOffered() throws Exception {
    declareOracle("{range: ^1.0}");
    registry.publish("oracle", "1.1.0", Map.of("index.js", "process.exit(7);"));
    instance.control().retry("App", "oracle");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(conditions("App", "oracle"))
                    .contains("UpdateFailed", "CandidateFailed"));
    assertThat(repository.branches()).doesNotContainKey("dropserver/update/oracle/1.1.0");
    assertThat(instance.get("delphi", "/").body()).isEqualTo("oracle 1.0.0");
  }

  @Test
  void onlyAPatchThatAsksForNothingNewIsMergedWithoutAPerson() throws Exception {
    declareOracle("{range: ^1.0, merge: patch}");
    publish("1.0.1");
    instance.control().retry("App", "oracle");
    awaitPage("delphi", "oracle 1.0.1");
    publish(
        "1.0.2",
        "dropapp.json",
        """
        {"name": "Oracle", "version": "1.0.2", "entrypoint": "npm:oracle",
         "egress": [{"url": "https://api.example.org/"}]}
        """);
    instance.control().retry("App", "oracle");
    awaitBranch("dropserver/update/oracle/1.0.2");
    assertThat(instance.get("delphi", "/").body()).isEqualTo("oracle 1.0.1");
  }

  @Test
  void aTagOfARepositoryIsOfferedAndMergingMigratesTheData() throws Exception {
    Path upstream = folder.resolve("upstream/keeper");
    ConfigRepository keeper = ConfigRepository.create(Files.createDirectories(upstream));
    keeper.git("config", "user.name", "Author");
    keeper.git("config", "user.email", "author@example.org");
    KeeperApp.write(keeper, ".", "1.0.0", ", \"schema\": 1", "version 1.0.0");
    String first = keeper.push("Version 1");
    repository
        .write(
            "apps/keeper.yaml",
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata: {name: keeper}
            spec:
              follow: {tags: "v*"}
              versions:
                - version: 1.0.0
                  source: {git: "file://%s", commit: %s}
            """
                .formatted(keeper.remote(), keeper.git("rev-parse", "HEAD").strip()))
        .write("appspaces/garden.yaml", KeeperApp.appspace("garden", "1.0.0"))
        .push("A keeper after " + first.length());
    instance.start();
    var _ = instance.sync();
    awaitPage("garden", "version 1.0.0");
    var _ = instance.get("garden", "/write?one");

    KeeperApp.write(
        keeper, ".", "2.0.0", ", \"schema\": 2, \"migrate\": \"migrate.ts\"", "version 2.0.0");
    keeper.write("migrate.ts", "await Deno.rename(\"/data/notes\", \"/data/pages\");\n");
    var _ = keeper.push("Version 2");
    keeper.git("tag", "-a", "-m", "Version 2", "v2.0.0");
    keeper.git("tag", "nightly");
    keeper.git("push", "--quiet", "origin", "v2.0.0", "nightly");
    instance.control().retry("App", "keeper");
    String branch = "dropserver/update/keeper/2.0.0";
    awaitBranch(branch);
    assertThat(diff(branch)).contains(keeper.git("rev-parse", "HEAD").strip());
    assertThat(repository.onRemote("log", "-1", "--format=%B", branch))
        .contains("migrates the data");
    merge(branch);
    awaitPage("garden", "version 2.0.0");
    assertThat(instance.get("garden", "/tree").body())
        .contains("/data/pages")
        .doesNotContain("/data/notes");
  }

  private void merge(String branch) throws Exception {
    repository.git("fetch", "--quiet", "origin");
    repository.git("checkout", "--quiet", "main");
    repository.git("merge", "--quiet", "--no-ff", "-m", "Merge " + branch, "origin/" + branch);
    repository.git("push", "--quiet", "origin", "HEAD:main");
    assertThat(instance.sync().served()).isTrue();
  }

  private String diff(String branch) throws IOException {
    return repository.onRemote("diff", "main", branch);
  }

  private void awaitBranch(String branch) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(repository.branches())
                    .as(conditions("App", branch.split("/", -1)[2]))
                    .containsKey(branch));
  }

  /** Waits until the server has recorded an offer, which it does after it has pushed the branch. */
  private void awaitOffer(String branch) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(conditions("App", branch.split("/", -1)[2]))
                    .contains("UpdateOffered", branch));
  }

  private void awaitPage(String appspace, String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              var response = instance.get(appspace, "/");
              assertThat(response.body()).as(conditions("Appspace", appspace)).isEqualTo(text);
            });
  }

  private String conditions(String kind, String name) {
    return instance.object(kind, name).conditions().stream()
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }
}
