package io.dropserver.tests.release;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Two releases of this checkout, of which the second adds a migration. They are built once for each
 * commit and kept in {@code target/}; each build takes some minutes. {@code
 * $DROPSERVER_TEST_RELEASES} names a folder with releases that exist.
 */
final class Releases {
  static final String FIRST = "0.9.0";
  static final String SECOND = "0.10.0";

  private final Path folder;

  private Releases(Path folder) {
    this.folder = folder;
  }

  static Releases built() throws IOException, InterruptedException {
    @Nullable String existing = System.getenv("DROPSERVER_TEST_RELEASES");
    if (existing != null) {
      return new Releases(Path.of(existing));
    }
    String commit =
        Programs.run(Checkout.root(), "git", "rev-parse", "--short=12", "HEAD").lastLine();
    Releases releases = new Releases(Checkout.root().resolve("target/test-releases/" + commit));
    if (!Files.isDirectory(releases.folder.resolve(SECOND))) {
      releases.build();
    }
    return releases;
  }

  private void build() throws IOException, InterruptedException {
    Programs.run(Checkout.root(), "rm", "-rf", folder.toString());
    Files.createDirectories(folder);
    Path key = folder.resolve("key");
    Programs.run(
        folder, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "release", "-f", "key");
    ReleaseCheckout checkout = ReleaseCheckout.create(folder.resolve("checkout"));
    checkout.build(FIRST, folder.resolve(FIRST), key);
    checkout.build(FIRST, folder.resolve("again"), key);
    checkout.tag("v" + FIRST);
    checkout.addMigration();
    checkout.announce(SECOND);
    checkout.build(SECOND, folder.resolve(SECOND), key);
  }

  /** The files of the first release. */
  Path first() {
    return folder.resolve(FIRST);
  }

  /** The files of a second build of the first release's commit. */
  Path firstAgain() {
    return folder.resolve("again");
  }

  Path key() {
    return folder.resolve("key.pub");
  }

  Path checkout() {
    return folder.resolve("checkout");
  }

  Path debianPackage(String version) {
    return folder.resolve(version).resolve("dropserver_" + version + "_amd64.deb");
  }
}
