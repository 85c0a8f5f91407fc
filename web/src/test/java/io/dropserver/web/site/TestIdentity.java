package io.dropserver.web.site;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.identity.Identity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** Identities over a real database of their own. Time goes on by a millisecond a look. */
final class TestIdentity {
  /** Migrated once: that takes longer than all else. */
  private static final Path EMPTY = make();

  private TestIdentity() {}

  static Identity open() {
    return open(new AtomicLong(Instant.now().toEpochMilli()));
  }

  /**
   * @param millis the time, since the epoch
   */
  static Identity open(AtomicLong millis) {
    try {
      Path file = Files.createTempFile("identity", ".db");
      file.toFile().deleteOnExit();
      Files.write(file, Files.readAllBytes(EMPTY));
      return Identity.open(
          StateDatabase.open(file, Clock.systemUTC()),
          EMPTY.resolveSibling("identity.key"),
          () -> Instant.ofEpochMilli(millis.incrementAndGet()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path make() {
    try {
      Path folder = Files.createTempDirectory("identity");
      StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC()).close();
      folder.resolve("state.db").toFile().deleteOnExit();
      folder.toFile().deleteOnExit();
      return folder.resolve("state.db");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
