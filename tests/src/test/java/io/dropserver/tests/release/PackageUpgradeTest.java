package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.Checkout;
import io.dropserver.tests.release.RequestLoad.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package in a Debian with systemd: installed, upgraded, stepped back, purged. */
@Tag("release")
class PackageUpgradeTest {
  private static final String URL = "http://127.0.0.1:8080/";
  private static final String HOST = "shopping.dropserver.localhost";
  private static final Duration SERVED = Duration.ofMinutes(5);
  private static final Path STATE = Path.of("var/lib/dropserver");

  private static Releases releases;

  @TempDir Path folder;

  @BeforeAll
  static void build() throws Exception {
    releases = Releases.built();
  }

  @Test
  void aServerIsInstalledUpgradedSteppedBackAndPurged() throws Exception {
    try (DebianMachine machine = DebianMachine.start(folder)) {
      writeInstance(machine);
      String installed = install(machine, Releases.FIRST);
      assertThat(installed).contains("write the repository into /etc/dropserver/dropserver.yaml");
      assertThat(machine.run("systemctl", "is-enabled", "dropserver")).contains("enabled");
      assertThat(machine.attempt("systemctl", "is-active", "dropserver").output())
          .contains("inactive");

      configure(machine);
      machine.run("systemctl", "start", "dropserver");
      awaitServed(machine, Releases.FIRST);
      Path marker = writeIntoAppspace(machine);

      Outcome upgrade = underLoad(machine, Releases.SECOND);
      Outcome stepBack = underLoad(machine, Releases.FIRST);
      System.out.println("upgrade:   " + upgrade.lost() + " requests lost: " + upgrade);
      System.out.println("step back: " + stepBack.lost() + " requests lost: " + stepBack);
      assertThat(marker).hasContent("kept");
      assertThat(migrationOf(machine)).as("the newer schema is kept").isEqualTo("kept");
      assertOnlyTheRestartLost(upgrade);
      assertOnlyTheRestartLost(stepBack);

      anIncompatibleDatabaseIsRefusedAndNotChanged(machine);
      purge(machine, marker);
    }
  }

  private static void writeInstance(DebianMachine machine) throws Exception {
    Path work = Files.createDirectory(machine.root().resolve("root/home"));
    Path example = Checkout.root().resolve("example-instance-repo");
    for (String part : new String[] {"instance.yaml", "users", "apps", "appspaces", "egress"}) {
      Programs.run(work, "cp", "-a", example.resolve(part).toString(), work.toString());
    }
    // The machine has no network, and this app has packages from npm.
    Files.delete(work.resolve("appspaces/cookbook.yaml"));
    machine.run(
        "sh",
        "-c",
        "git init -q --bare -b main /srv/home.git && cd /root/home && git init -q -b main && git"
            + " add -A && git -c user.name=t -c user.email=t@example.org commit -q -m Begin && git"
            + " push -q /srv/home.git main");
  }

  /** Containers without controllers of cgroups and without loop devices run the same server. */
  private static void configure(DebianMachine machine) throws IOException {
    Files.writeString(
        machine.root().resolve("etc/dropserver/dropserver.yaml"),
        """
        repo: {url: /srv/home.git}
        listen:
          - {address: "127.0.0.1:8080"}
        sandbox: {allowWeaker: [cgroup, storage]}
        """);
  }

  private static String install(DebianMachine machine, String version) throws Exception {
    Path target = machine.root().resolve("root/dropserver_" + version + ".deb");
    if (!Files.exists(target)) {
      Files.copy(releases.debianPackage(version), target);
    }
    return machine.run(
        "apt-get", "install", "-y", "--allow-downgrades", "/root/" + target.getFileName());
  }

  private static void awaitServed(DebianMachine machine, String version) {
    await(HOST + " is served by " + version)
        .atMost(SERVED)
        .pollInterval(Duration.ofSeconds(1))
        .untilAsserted(
            () -> {
              RequestLoad load = RequestLoad.start(machine, URL, HOST);
              Outcome outcome = load.stop();
              assertThat(outcome.answered())
                  .as(machine.attempt("dropserver", "status").output())
                  .isPositive();
            });
  }

  private static Path writeIntoAppspace(DebianMachine machine) throws Exception {
    Path marker;
    try (var files =
        Files.find(
            machine.root().resolve(STATE).resolve("data"),
            2,
            (path, attributes) -> path.endsWith("files"))) {
      marker = files.findFirst().orElseThrow().resolve("marker");
    }
    Files.writeString(marker, "kept");
    return marker;
  }

  private static Outcome underLoad(DebianMachine machine, String version) throws Exception {
    try (RequestLoad load = RequestLoad.start(machine, URL, HOST)) {
      install(machine, version);
      assertThat(machine.run("dropserver", "version")).contains("dropserver " + version);
      awaitServed(machine, version);
      return load.stop();
    }
  }

  /**
   * Without a socket that systemd holds, connections are refused between two processes. The new
   * process answers before the revision is in service. Every accepted request is answered.
   */
  private static void assertOnlyTheRestartLost(Outcome outcome) {
    assertThat(outcome.answered()).isGreaterThan(100);
    assertThat(outcome.errors().keySet()).isSubsetOf("status 421", "status 503");
  }

  private static String migrationOf(DebianMachine machine) throws Exception {
    try (var connection = DriverManager.getConnection(database(machine));
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT name FROM release_test")) {
      return row.next() ? row.getString(1) : "";
    }
  }

  private static String database(DebianMachine machine) {
    return "jdbc:sqlite:" + machine.root().resolve(STATE).resolve("state.db");
  }

  private static void anIncompatibleDatabaseIsRefusedAndNotChanged(DebianMachine machine)
      throws Exception {
    machine.run("systemctl", "stop", "dropserver");
    setOldestCompatible(machine, 1_000);
    machine.attempt("systemctl", "start", "dropserver");
    await("the older program refuses the database")
        .atMost(SERVED)
        .until(
            () ->
                machine
                    .run("journalctl", "-u", "dropserver", "--no-pager")
                    .contains("was written by a newer Dropserver"));
    machine.run("systemctl", "stop", "dropserver");
    assertThat(migrationOf(machine)).isEqualTo("kept");
    install(machine, Releases.SECOND);
    machine.run("systemctl", "start", "dropserver");
    awaitServed(machine, Releases.SECOND);
  }

  private static void setOldestCompatible(DebianMachine machine, int migration) throws Exception {
    try (var connection = DriverManager.getConnection(database(machine));
        var statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA user_version = " + migration);
    }
  }

  private static void purge(DebianMachine machine, Path marker) throws Exception {
    String purged = machine.run("dpkg", "--purge", "dropserver");
    assertThat(purged).contains("the data of the apps is still in /var/lib/dropserver");
    assertThat(machine.attempt("systemctl", "is-active", "dropserver").output())
        .doesNotContain("\nactive");
    assertThat(marker).hasContent("kept");
    assertThat(machine.root().resolve("usr/lib/dropserver")).doesNotExist();
    assertThat(machine.root().resolve("etc/dropserver")).doesNotExist();
    assertThat(machine.root().resolve("etc/default/dropserver")).doesNotExist();

    install(machine, Releases.SECOND);
    machine.run("env", "DROPSERVER_PURGE_DATA=yes", "dpkg", "--purge", "dropserver");
    assertThat(machine.root().resolve(STATE)).doesNotExist();
    assertThat(machine.attempt("id", "dropserver").exitCode()).isNotZero();
  }
}
