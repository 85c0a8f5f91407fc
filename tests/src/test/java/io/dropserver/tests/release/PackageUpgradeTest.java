package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.release.RequestLoad.Outcome;
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
  private static final Duration SERVED = Duration.ofMinutes(5);

  private static Releases releases;

  @TempDir Path folder;

  @BeforeAll
  static void build() throws Exception {
    releases = Releases.built();
  }

  @Test
  void aServerIsInstalledUpgradedSteppedBackAndPurged() throws Exception {
    try (DebianMachine machine = DebianMachine.start(folder, Distribution.DEBIAN_13)) {
      PackagedServer server = new PackagedServer(machine, releases);
      server.writeInstance();
      assertThat(server.install(Releases.FIRST))
          .contains("write the repository into /etc/dropserver/dropserver.yaml");
      assertThat(machine.run("systemctl", "is-enabled", "dropserver")).contains("enabled");
      assertThat(server.stateOf("dropserver")).isEqualTo("inactive");

      server.configure();
      server.start();
      server.awaitServed(Releases.FIRST);
      Path marker = server.writeMarker();

      assertOnlyTheRestartLost("upgrade", server.installUnderLoad(Releases.SECOND));
      assertOnlyTheRestartLost("step back", server.installUnderLoad(Releases.FIRST));
      assertThat(marker).hasContent("kept");
      assertThat(migrationOf(machine)).as("the newer schema is kept").isEqualTo("kept");

      server.letSystemdHoldTheListener();
      server.awaitServed(Releases.FIRST);
      assertNothingLost("upgrade with a socket", server.installUnderLoad(Releases.SECOND));
      assertNothingLost("step back with a socket", server.installUnderLoad(Releases.FIRST));

      anIncompatibleDatabaseIsRefusedAndNotChanged(machine, server);
      purge(machine, server, marker);
    }
  }

  /**
   * Without a socket that systemd holds, connections are refused between two processes. The new
   * process answers before the revision is in service. Every accepted request is answered.
   */
  private static void assertOnlyTheRestartLost(String name, Outcome outcome) {
    print(name, outcome);
    assertThat(outcome.answered()).isGreaterThan(100);
    assertThat(outcome.errors().keySet()).isSubsetOf("status 421", "status 503");
  }

  private static void assertNothingLost(String name, Outcome outcome) {
    print(name, outcome);
    assertThat(outcome.answered()).isGreaterThan(100);
    assertThat(outcome.refused()).isZero();
    assertThat(outcome.errors()).isEmpty();
  }

  private static void print(String name, Outcome outcome) {
    System.out.println(name + ": " + outcome.lost() + " requests lost: " + outcome);
  }

  private static String migrationOf(DebianMachine machine) throws Exception {
    try (var connection = DriverManager.getConnection(database(machine));
        var statement = connection.createStatement();
        var row = statement.executeQuery("SELECT name FROM release_test")) {
      return row.next() ? row.getString(1) : "";
    }
  }

  private static String database(DebianMachine machine) {
    return "jdbc:sqlite:" + machine.root().resolve(PackagedServer.STATE).resolve("state.db");
  }

  private static void anIncompatibleDatabaseIsRefusedAndNotChanged(
      DebianMachine machine, PackagedServer server) throws Exception {
    machine.run("systemctl", "stop", "dropserver.socket", "dropserver.service");
    setOldestCompatible(machine, 1_000);
    machine.attempt("systemctl", "start", "dropserver");
    await("the older program refuses the database")
        .atMost(SERVED)
        .until(
            () ->
                machine
                    .run("journalctl", "-u", "dropserver", "--no-pager")
                    .contains("was written by a newer Dropserver"));
    machine.run("systemctl", "stop", "dropserver.socket", "dropserver.service");
    assertThat(migrationOf(machine)).isEqualTo("kept");
    server.install(Releases.SECOND);
    server.start();
    server.awaitServed(Releases.SECOND);
  }

  private static void setOldestCompatible(DebianMachine machine, int migration) throws Exception {
    try (var connection = DriverManager.getConnection(database(machine));
        var statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA user_version = " + migration);
    }
  }

  private static void purge(DebianMachine machine, PackagedServer server, Path marker)
      throws Exception {
    // A connection would start the service again if systemd still held the listener.
    try (RequestLoad load = server.load()) {
      String purged = machine.run("dpkg", "--purge", "dropserver");
      assertThat(purged).contains("the data of the apps is still in /var/lib/dropserver");
      assertThat(load.stop().refused()).isPositive();
    }
    assertThat(server.stateOf("dropserver.service")).isEqualTo("inactive");
    assertThat(server.stateOf("dropserver.socket")).isEqualTo("inactive");
    assertThat(marker).hasContent("kept");
    assertThat(machine.root().resolve("usr/lib/dropserver")).doesNotExist();
    assertThat(machine.root().resolve("etc/default/dropserver")).doesNotExist();
    assertThat(machine.root().resolve("etc/dropserver/dropserver.yaml")).doesNotExist();

    server.install(Releases.SECOND);
    machine.run("env", "DROPSERVER_PURGE_DATA=yes", "dpkg", "--purge", "dropserver");
    assertThat(machine.root().resolve(PackagedServer.STATE)).doesNotExist();
    assertThat(machine.attempt("id", "dropserver").exitCode()).isNotZero();
  }
}
