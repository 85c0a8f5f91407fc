package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.state.condition.Condition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real packages of the public registry as sources of apps, from the command to the page. */
@Tag("slow")
class NpmAppsTest {
  private static final Path APPS = Path.of("src/test/npm-apps");
  private static final Duration TIMEOUT = Duration.ofMinutes(4);

  @TempDir private Path folder;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void prepare() throws IOException {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    instance = LiveInstance.tiny(folder);
    repository = instance.repository();
    repository.git("config", "user.name", "Person");
    repository.git("config", "user.email", "person@example.org");
    repository.git("config", "commit.gpgsign", "false");
  }

  @AfterEach
  void close() {
    instance.close();
  }

  @Test
  void aPackageIsAddedByOneCommand() throws Exception {
    repository.write("unrelated.txt", "not to be committed");
    CommandLineProgram added = add("npm:http-server@14.1.1", "--name", "files");
    assertThat(added.exitCode()).describedAs(added.err()).isZero();
    assertThat(added.out())
        .contains(
            "files 14.1.1, npm:http-server@14.1.1", "destinations: none", "permissions:  none")
        .contains("wrote files-14.1.1.lock and files.yaml", "committed");
    assertThat(repository.git("log", "-1", "--format=%s", "--name-only"))
        .contains("Add npm:http-server@14.1.1", "files.yaml", "files-14.1.1.lock")
        .doesNotContain("unrelated.txt");
    CommandLineProgram again = add("npm:http-server@14.1.1");
    assertThat(again.out()).describedAs(again.err()).contains("nothing changed");
    repository
        .write("appspaces/share.yaml", appspace("share", "files", "14.1.1"))
        .push("Use the package");
    instance.start();
    var _ = instance.sync();
    awaitPage("share", "Index of /");
  }

  @Test
  void aPackageThatDoesNotServeIsNotAdded() throws Exception {
    String before = repository.git("rev-parse", "HEAD");
    CommandLineProgram refused = add("npm:json-server@0.17.4");
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("The trial start of the app")
        .contains("no file was changed");
    assertThat(repository.git("rev-parse", "HEAD")).isEqualTo(before);
    assertThat(repository.git("status", "--porcelain")).isBlank();
  }

  @Test
  void packagesOfNpmAreServedFromTheirAppDocuments() throws Exception {
    repository
        .copyFrom(APPS, "apps")
        .write("appspaces/share.yaml", appspace("share", "http-server", "14.1.1"))
        .write("appspaces/records.yaml", appspace("records", "json-server", "0.17.4"))
        .push("Two packages");
    instance.start();
    var _ = instance.sync();
    awaitPage("share", "Index of /");
    awaitPage("records", "JSON Server");
    assertThat(instance.get("records", "/posts").body()).contains("\"title\"");
  }

  @Test
  void anEntryWithoutALockOrWithAWrongOneSaysWhichCommandWritesIt() throws Exception {
    repository.copyFrom(APPS, "apps");
    Path working = repository.workingCopy();
    repository.replace("apps/json-server.yaml", "lock: json-server-0.17.4.lock\n", "\n");
    String lock = Files.readString(working.resolve("apps/http-server-14.1.1.lock"));
    int hash = lock.indexOf("sha512-") + "sha512-".length();
    String other = lock.charAt(hash) == 'A' ? "B" : "A";
    repository
        .write(
            "apps/http-server-14.1.1.lock",
            lock.substring(0, hash) + other + lock.substring(hash + 1))
        .write("appspaces/share.yaml", appspace("share", "http-server", "14.1.1"))
        .write("appspaces/records.yaml", appspace("records", "json-server", "0.17.4"))
        .push("Two locks that do not fit");
    instance.start();
    var _ = instance.sync();
    awaitCondition("share", "Run \"dropserver app add npm:http-server@14.1.1\"");
    awaitCondition("records", "Run \"dropserver app add npm:json-server@0.17.4\"");
  }

  private CommandLineProgram add(String... arguments) throws IOException, InterruptedException {
    String[] command = new String[arguments.length + 4];
    command[0] = "app";
    command[1] = "add";
    command[2] = "--dir";
    command[3] = repository.workingCopy().toString();
    System.arraycopy(arguments, 0, command, 4, arguments.length);
    return CommandLineProgram.run(command);
  }

  private void awaitPage(String appspace, String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> {
              var response = instance.get(appspace, "/");
              assertThat(response.statusCode()).describedAs(conditions(appspace)).isEqualTo(200);
              assertThat(response.body()).contains(text);
            });
  }

  private void awaitCondition(String appspace, String command) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(conditions(appspace)).contains("LockMismatch").contains(command));
  }

  private String conditions(String appspace) {
    return instance.object("Appspace", appspace).conditions().stream()
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }

  private static String appspace(String name, String app, String version) {
    return MinimalInstance.appspace(name, version, false, 512)
        .replace("{name: hello,", "{name: " + app + ",");
  }
}
