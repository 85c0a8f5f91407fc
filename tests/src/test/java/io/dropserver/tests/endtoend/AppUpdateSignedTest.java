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

/** Automatic merges of updates, on a server that serves only signed commits. */
@Tag("slow")
class AppUpdateSignedTest {
  private static final Duration TIMEOUT = Duration.ofMinutes(3);
  private static final String PREFIX = "dropserver/update/oracle/";

  @TempDir private Path folder;
  private Path config;
  private OracleApp oracle;
  private LiveInstance instance;
  private ConfigRepository repository;

  @BeforeEach
  void prepare() throws Exception {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    oracle = OracleApp.create(folder);
    config = folder.resolve("dropserver.yaml");
    instance = LiveInstance.tiny(folder, "--config", config.toString());
    repository = instance.repository();
    Files.writeString(
        folder.resolve("allowed"),
        "person@example.org %s\nserver %s\n".formatted(key("person"), key("server")));
    var _ = key("stranger");
  }

  @AfterEach
  void close() {
    instance.close();
  }

  /** Creates a key, and returns its public half. */
  private String key(String name) throws IOException, InterruptedException {
    Path file = folder.resolve(name);
    Process process =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-C", "x", "-N", "", "-f", file.toString())
            .inheritIO()
            .start();
    assertThat(process.waitFor()).isZero();
    return Files.readString(folder.resolve(name + ".pub")).strip();
  }

  /**
   * @param write the section {@code repo.write} of the host configuration
   */
  private void start(String write) throws IOException {
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        repo:
          url: "%s"
          verify: {mode: signed, allowedSignersFile: allowed}
          write: %s
        """
                .formatted(repository.remote(), write)
            + oracle.hostConfig());
    instance.start();
    assertThat(instance.sync().served()).isTrue();
  }

  @Test
  void aPatchIsMergedOnlyIfTheServersCommitWouldBeServed() throws Exception {
    oracle.publish("1.0.0", "");
    oracle.declare(repository, "{tags: \"v*\", merge: patch}");
    repository.git("add", "--all");
    repository.git(
        "-c",
        "gpg.format=ssh",
        "-c",
        "user.signingkey=" + folder.resolve("person"),
        "commit",
        "--quiet",
        "--gpg-sign",
        "--message",
        "An oracle");
    repository.git("push", "--quiet", "origin", "HEAD:main");
    String head = repository.head();

    start("{}");
    awaitPage("oracle 1.0.0");
    publishAndAwaitOffer("1.0.1", "it is not signed");
    instance.server().close();
    start("{signingKeyFile: stranger}");
    publishAndAwaitOffer("1.0.2", "its SSH signature is refused");
    assertThat(onMain()).as("nothing untrusted is pushed").isEqualTo(head);
    assertThat(repository.branches()).containsOnlyKeys(PREFIX + "1.0.2");

    instance.server().close();
    start("{signingKeyFile: server}");
    oracle.publish("1.0.3", "");
    instance.control().retry("App", "oracle");
    awaitPage("oracle 1.0.3");
    assertThat(repository.onRemote("rev-parse", "main^").strip()).isEqualTo(head);
    assertThat(repository.onRemote("cat-file", "-p", "main")).contains("BEGIN SSH SIGNATURE");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(repository.branches()).as("superseded").isEmpty());
    assertThat(conditions()).doesNotContain("UpdateOffered", "UpdateFailed");
  }

  private void publishAndAwaitOffer(String version, String why) throws IOException {
    oracle.publish(version, "");
    instance.control().retry("App", "oracle");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(conditions())
                    .contains("UpdateOffered", PREFIX + version, "not merged automatically", why)
                    .contains("repo.write.signingKeyFile"));
  }

  private String onMain() throws IOException {
    return repository.onRemote("rev-parse", "main").strip();
  }

  private void awaitPage(String text) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(instance.get("delphi", "/").body())
                    .as(instance.conditions("delphi"))
                    .isEqualTo(text));
  }

  private String conditions() {
    return instance.object("App", "oracle").conditions().stream()
        .map(Condition::toString)
        .collect(Collectors.joining("\n"));
  }
}
