package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.control.SecretState;
import io.dropserver.control.SecretStatus;
import io.dropserver.control.SyncResult;
import io.dropserver.state.AtomicFiles;
import io.dropserver.web.control.SecretClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recovers a lost machine from the config repository, the backups and their password. */
class RecoveryTest {
  private static final String PASSWORD = "correct horse battery staple";

  @TempDir private Path folder;
  private Path backups;
  private Path password;
  private Path config;

  @BeforeEach
  void prepare() throws IOException {
    // Sandboxes run as other users, which must be able to traverse this folder.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    backups = folder.resolve("elsewhere");
    password = folder.resolve("password");
    Files.writeString(password, "a password that was kept");
    Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
    config = folder.resolve("dropserver.yaml");
    Files.writeString(
        config, "backup: {repository: %s, passwordFile: %s}\n".formatted(backups, password));
  }

  private LiveInstance instance() throws IOException {
    return LiveInstance.create(folder, "--config", config.toString());
  }

  private CommandLineProgram recover(LiveInstance instance) throws Exception {
    return recover(instance, backups);
  }

  private CommandLineProgram recover(LiveInstance instance, Path repository) throws Exception {
    return CommandLineProgram.run(
        "recover",
        "--repository",
        repository.toString(),
        "--password-file",
        password.toString(),
        "--state",
        instance.state().toString());
  }

  private static Map<String, String> answers(LiveInstance instance, String... appspaces)
      throws Exception {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String appspace : appspaces) {
      for (String path : List.of("/", "/word", "/tree")) {
        answers.put(appspace + path, instance.get(appspace, path).body());
      }
    }
    return answers;
  }

  @Test
  void aLostMachineIsRebuiltAndEveryAppspaceWorksAsBefore() throws Exception {
    try (LiveInstance instance = instance()) {
      KeeperApp.instance(instance.repository(), "garden", "kitchen", "unused");
      instance.repository().push("Begin");
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      for (String appspace : List.of("garden", "kitchen")) {
        assertThat(instance.get(appspace, "/write?first-" + appspace).body()).isEqualTo("written");
        assertThat(instance.get(appspace, "/write?second").body()).isEqualTo("written");
      }
      instance.control().pause("unused");
      new SecretClient(instance.state()).set("garden", "api", "a secret of the garden");
      CommandLineProgram now = backUp(instance);
      assertThat(now.exitCode()).as(now.err()).isZero();
      addOneThatTheServersBackupDoesNotKnow(instance);
      Map<String, String> before = answers(instance, "garden", "kitchen", "late");
      assertThat(before.get("garden/tree")).contains("random").contains("two lines");

      instance.server().kill();
      AtomicFiles.deleteTree(instance.state());
      assertThatThrownBy(instance::start)
          .as("the disk may not be mounted")
          .hasMessageContaining(backups + " has backups")
          .hasMessageContaining("mount the disk")
          .hasMessageContaining("`dropserver recover`")
          .hasMessageContaining("`dropserver run --new`");
      assertThat(instance.state()).doesNotExist();
      CommandLineProgram recovered = recover(instance);
      assertThat(recovered.exitCode()).as(recovered.err()).isZero();
      assertThat(recovered.out()).contains("garden", "kitchen", "late", "dropserver run");
      // The state after a kill before the last step.
      Files.createFile(instance.state().resolve("recovery.unfinished"));
      assertThatThrownBy(instance::start).hasMessageContaining("dropserver recover");
      assertThat(recover(instance).exitCode()).as("begins anew").isZero();

      withoutItsRepositoryTheServerReportsThatItServesNothing(instance);
      instance.sync();
      assertThat(instance.object("Appspace", "unused").toString())
          .as("what a person had held back")
          .contains("HeldByOperator");
      assertThat(new SecretClient(instance.state()).secrets(Optional.of("garden")))
          .as("a secret can be opened on the new machine")
          .extracting(SecretStatus::state)
          .containsExactly(SecretState.SET);
      Path key = instance.state().resolve("secrets.key");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
          .isEqualTo("rw-------");
      assertThat(answers(instance, "garden", "kitchen", "late")).isEqualTo(before);
      assertThat(instance.control().retainedData()).isEmpty();
      assertThat(backUp(instance).exitCode()).as("backups go on").isZero();
    }
  }

  /** Starts the server. The repository is back afterwards. */
  private void withoutItsRepositoryTheServerReportsThatItServesNothing(LiveInstance instance)
      throws Exception {
    Path remote = instance.repository().remote();
    Path away = Files.move(remote, folder.resolve("not-mounted.git"));
    instance.start();
    assertThat(instance.get("garden", "/").statusCode()).isEqualTo(421);
    assertThat(instance.status().ready()).isFalse();
    assertThat(instance.object("Appspace", "garden").toString()).contains("RevisionMissing");
    String state = instance.state().toString();
    CommandLineProgram health = CommandLineProgram.run("health", "--state", state);
    assertThat(health.exitCode()).isOne();
    assertThat(health.out()).contains("no revision is in service yet");
    Files.move(away, remote);
  }

  private static void addOneThatTheServersBackupDoesNotKnow(LiveInstance instance)
      throws Exception {
    instance
        .repository()
        .write("appspaces/late.yaml", KeeperApp.appspace("late", "1.0.0"))
        .push("One more");
    assertThat(instance.sync().served()).isTrue();
    instance.get("late", "/write?late");
    CommandLineProgram now =
        CommandLineProgram.run("backup", "now", "late", "--state", instance.state().toString());
    assertThat(now.exitCode()).as(now.err()).isZero();
  }

  @Test
  void recoveryRefusesToOverwriteStateOrCreateARepository() throws Exception {
    try (LiveInstance instance = instance()) {
      CommandLineProgram mistyped = recover(instance, folder.resolve("nowhere"));
      assertThat(mistyped.exitCode()).isEqualTo(1);
      assertThat(mistyped.err()).contains("the repository at").contains("nowhere");
      assertThat(folder.resolve("nowhere")).doesNotExist();
      KeeperApp.instance(instance.repository(), "garden");
      instance.repository().push("Begin");
      instance.start();
      instance.sync();
      instance.get("garden", "/write?one");
      backUp(instance);
      String before = instance.get("garden", "/tree").body();

      CommandLineProgram running = recover(instance);
      assertThat(running.exitCode()).isEqualTo(1);
      assertThat(running.err()).contains("another server runs");
      instance.server().stop();
      CommandLineProgram full = recover(instance);
      assertThat(full.exitCode()).isEqualTo(1);
      assertThat(full.err()).contains("is not empty").contains("state.db");

      instance.start();
      instance.sync();
      assertThat(instance.get("garden", "/tree").body()).isEqualTo(before);
    }
  }

  @Test
  void aNewServerBesideEarlierBackupsNeedsAnOption() throws Exception {
    Files.writeString(folder.resolve("archive"), "of an earlier server");
    restic("init");
    restic("backup", "--tag", "server", folder.resolve("archive").toString());
    try (LiveInstance instance =
        LiveInstance.tiny(folder, "--config", config.toString(), "--new")) {
      CommandLineProgram refused =
          CommandLineProgram.run(
              "run",
              "--config",
              config.toString(),
              "--repo",
              instance.repository().remote().toString(),
              "--state",
              instance.state().toString());
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err()).contains("has backups", "`dropserver run --new`");
      instance.start();
      instance.server().stop();
      assertThatThrownBy(instance::start)
          .hasMessageContaining("already contains state.db")
          .hasMessageContaining("start without --new");
    }
  }

  private void restic(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("restic", "-q", "-r", backups.toString(), "--no-cache"));
    command.addAll(List.of("--password-file", password.toString()));
    command.addAll(List.of(arguments));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void aRecoveredServerRefusesARewrittenHistoryUntilItIsAccepted() throws Exception {
    try (LiveInstance instance = instance()) {
      KeeperApp.instance(instance.repository(), "garden");
      instance.repository().push("Begin");
      instance.start();
      assertThat(instance.sync().served()).isTrue();
      instance.get("garden", "/write?one");
      assertThat(backUp(instance).exitCode()).isZero();
      instance.server().stop();
      AtomicFiles.deleteTree(instance.state());
      instance.repository().git("commit", "-q", "--amend", "-m", "Rewritten");
      instance.repository().git("push", "-q", "--force", "origin", "HEAD:main");
      assertThat(recover(instance).exitCode()).isZero();

      instance.start();
      SyncResult refused = instance.sync();
      assertThat(refused.served()).isFalse();
      String head = instance.repository().head();
      assertThat(refused.message()).contains("was rewritten", "dropserver sync --accept " + head);

      SyncResult accepted =
          instance.control().sync(Optional.of(head), Optional.of(Duration.ofMinutes(1)));
      assertThat(accepted.served()).as(accepted.message()).isTrue();
      assertThat(instance.get("garden", "/tree").body()).contains("one");
    }
  }

  @Test
  void passwordsAreRestoredAfterTheLossOfTheDatabase() throws Exception {
    try (LiveInstance instance = instance()) {
      KeeperApp.instance(instance.repository(), "garden");
      instance.repository().push("Begin");
      instance.startServing();
      try (MemberClient alice = MemberClient.enter(instance, "alice", "garden")) {
        String form = MemberClient.form("password", PASSWORD);
        assertThat(alice.submit("/account/password", form).statusCode()).isEqualTo(303);
      }
      assertThat(logIn(instance)).isEqualTo(303);
      assertThat(backUp(instance).exitCode()).isZero();
      instance.server().stop();
      Files.write(instance.state().resolve("state.db"), new byte[8192]);

      instance.startServing();
      assertThat(logIn(instance)).isEqualTo(403);
      assertThat(instance.condition("DatabaseRebuilt").orElseThrow().message())
          .contains("passwords, passkeys, sessions", "`dropserver recover --identity`");
      assertThat(backUp(instance).exitCode()).as("a newer one without the password").isZero();
      CommandLineProgram running = recoverIdentity(instance);
      assertThat(running.exitCode()).isEqualTo(1);
      assertThat(running.err()).contains("another server runs");
      instance.server().stop();
      CommandLineProgram recovered = recoverIdentity(instance);
      assertThat(recovered.exitCode()).as(recovered.err()).isZero();
      assertThat(recovered.out()).contains("restored 1 passwords and 0 passkeys, of alice");
      assertThat(recoverIdentity(instance).out()).contains("restored 0 passwords");

      instance.startServing();
      assertThat(logIn(instance)).isEqualTo(303);
      assertThat(instance.condition("DatabaseRebuilt")).isEmpty();
    }
  }

  private static int logIn(LiveInstance instance) throws Exception {
    String form =
        MemberClient.form("name", "alice") + "&" + MemberClient.form("password", PASSWORD);
    String shell = instance.shell("");
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + instance.port() + "/login"))
            .header("Host", URI.create(shell).getAuthority())
            .header("Origin", shell)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form))
            .build();
    try (HttpClient browser = HttpClient.newHttpClient()) {
      return browser.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    }
  }

  private CommandLineProgram recoverIdentity(LiveInstance instance) throws Exception {
    return CommandLineProgram.run(
        "recover",
        "--identity",
        "--config",
        config.toString(),
        "--state",
        instance.state().toString());
  }

  private static CommandLineProgram backUp(LiveInstance instance) throws Exception {
    return CommandLineProgram.run("backup", "now", "--state", instance.state().toString());
  }
}
