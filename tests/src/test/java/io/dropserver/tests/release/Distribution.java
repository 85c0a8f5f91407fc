package io.dropserver.tests.release;

import io.dropserver.tests.Checkout;
import io.dropserver.tests.release.Programs.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A release of a distribution, which debootstrap installs. */
enum Distribution {
  DEBIAN_13("trixie"),
  DEBIAN_12("bookworm"),
  UBUNTU_24_04("noble");

  static final Path MACHINES = Checkout.root().resolve("tests/src/test/machines");

  private static final int UNREACHABLE = 75;

  private final String release;

  Distribution(String release) {
    this.release = release;
  }

  String release() {
    return release;
  }

  /**
   * Unpacks a root. Skips the test if the distribution's archive is needed and cannot be reached.
   *
   * @param root an empty folder
   * @param packages further packages, whose services do not start
   */
  void unpack(Path root, String... packages) throws IOException, InterruptedException {
    List<String> debianRoot =
        new ArrayList<>(List.of(MACHINES.resolve("debian-root").toString(), "--release", release));
    debianRoot.addAll(List.of(packages));
    Run tar = Programs.attempt(root, debianRoot);
    Assumptions.assumeFalse(tar.exitCode() == UNREACHABLE, tar.lastLine());
    if (tar.exitCode() != 0) {
      throw new IOException("no root of " + release + ": " + tar.output());
    }
    Programs.run(root, "tar", "-C", root.toString(), "-xf", tar.lastLine());
  }
}
