package io.dropserver.tests.release;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.tests.release.Programs.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The units of the Debian package under systemd on Debian's kernel, in a virtual machine: all
 * layers on cgroup v2 and loop devices for the system's unit, and what the unit of an ordinary user
 * promises.
 */
@Tag("release")
class ServiceUnitsTest {
  private static final String PACKAGES = "curl dbus dbus-user-session libpam-systemd runsc";
  private static final String INSTALL =
      "DEBIAN_FRONTEND=noninteractive apt-get install -y /root/dropserver.deb && systemctl disable"
          + " dropserver";

  private static Releases releases;

  @TempDir Path overlay;

  @BeforeAll
  static void build() throws Exception {
    releases = Releases.built();
  }

  @Test
  void bothUnitsServeWithTheLayersThatTheyPromise() throws Exception {
    Path root = Files.createDirectory(overlay.resolve("root"));
    Files.copy(releases.debianPackage(Releases.FIRST), root.resolve("dropserver.deb"));
    Files.copy(
        Distribution.MACHINES.resolve("service-units"),
        root.resolve("service-units"),
        StandardCopyOption.COPY_ATTRIBUTES);
    Run run =
        Programs.attempt(
            overlay,
            List.of(
                Distribution.MACHINES.resolve("virtual-machine").toString(),
                "--systemd",
                INSTALL,
                "--packages",
                PACKAGES,
                overlay.toString(),
                "/root/service-units"));
    System.out.println(run.output());
    assertThat(run.exitCode()).as(run.output()).isZero();
    assertThat(run.output()).contains("both units work");
  }
}
