package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.tests.release.RequestLoad.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package in the other distributions that docs/operate/packages.md names. */
@Tag("release")
class DistributionPackageTest {
  private static final Pattern LIBC = Pattern.compile("libc6 \\(>= 2\\.(\\d+)\\)");
  private static final int LIBC_OF_DEBIAN_12 = 36;

  private static Releases releases;

  @TempDir Path folder;

  @BeforeAll
  static void build() throws Exception {
    releases = Releases.built();
  }

  @Test
  void ubuntu2404InstallsUpgradesAndPurgesThePackage() throws Exception {
    try (DebianMachine machine =
        DebianMachine.start(folder, Distribution.UBUNTU_24_04, "apparmor")) {
      PackagedServer server = new PackagedServer(machine, releases);
      installUpgradeAndPurge(machine, server);
    }
  }

  @Test
  void debian12InstallsThePackageOrNamesTheLibraryThatIsTooOld() throws Exception {
    try (DebianMachine machine = DebianMachine.start(folder, Distribution.DEBIAN_12)) {
      PackagedServer server = new PackagedServer(machine, releases);
      if (requiredLibc() <= LIBC_OF_DEBIAN_12) {
        installUpgradeAndPurge(machine, server);
      } else {
        assertThatThrownBy(() -> server.install(Releases.FIRST))
            .hasMessageContaining("dropserver : Depends: libc6 (>= 2." + requiredLibc() + ")");
        assertThat(machine.root().resolve("usr/lib/dropserver")).doesNotExist();
      }
    }
  }

  private static int requiredLibc() throws Exception {
    Path deb = releases.debianPackage(Releases.FIRST);
    Matcher libc =
        LIBC.matcher(
            Programs.run(releases.first(), "dpkg-deb", "--field", deb.toString(), "Depends")
                .output());
    assertThat(libc.find()).as("the package names its C library").isTrue();
    return Integer.parseInt(libc.group(1));
  }

  private static void installUpgradeAndPurge(DebianMachine machine, PackagedServer server)
      throws Exception {
    server.writeInstance();
    server.install(Releases.FIRST);
    assertProfileIsReadable(machine);
    assertAFailingServerIsRestartedLessAndLess(machine);
    server.configure();
    server.start();
    server.awaitServed(Releases.FIRST);
    Path marker = server.writeMarker();
    assertThat(machine.run("dropserver", "backup", "now")).contains("backups are complete");

    Outcome upgrade = server.installUnderLoad(Releases.SECOND);
    System.out.println("upgrade: " + upgrade.lost() + " requests lost: " + upgrade);
    assertThat(upgrade.answered()).isGreaterThan(100);
    assertThat(marker).hasContent("kept");

    assertThat(machine.run("dpkg", "--purge", "dropserver"))
        .contains("the data of the apps is still in /var/lib/dropserver");
    assertThat(server.stateOf("dropserver")).isEqualTo("inactive");
    assertThat(machine.root().resolve("usr/lib/dropserver")).doesNotExist();
    assertThat(machine.root().resolve("etc/apparmor.d/dropserver")).doesNotExist();
    assertThat(marker).hasContent("kept");
  }

  /** The package's configuration names no repository. */
  private static void assertAFailingServerIsRestartedLessAndLess(DebianMachine machine)
      throws Exception {
    machine.attempt("systemctl", "start", "dropserver");
    await()
        .atMost(Duration.ofMinutes(5))
        .until(
            () -> machine.run("systemctl", "show", "--property=RestartUSecNext", "dropserver"),
            next -> !next.contains("=2s"));
    machine.run("systemctl", "stop", "dropserver");
    machine.run("systemctl", "reset-failed", "dropserver");
  }

  /** Where AppArmor 4 is installed, its parser accepts the profile of the package. */
  private static void assertProfileIsReadable(DebianMachine machine) throws Exception {
    machine.run(
        "sh",
        "-c",
        "! [ -e /etc/apparmor.d/abi/4.0 ] || apparmor_parser --skip-kernel-load --skip-cache"
            + " /etc/apparmor.d/dropserver");
  }
}
