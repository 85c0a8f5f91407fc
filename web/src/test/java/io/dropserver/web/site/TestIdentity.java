package io.dropserver.web.site;

import io.dropserver.control.AuditTrail;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.StateDatabase;
import io.dropserver.web.identity.ClaimedGroups;
import io.dropserver.web.identity.Identity;
import io.dropserver.web.openid.Provider;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Identities with a real database each. Each look at the clock advances it by a millisecond. The
 * databases are deleted when the JVM ends.
 */
final class TestIdentity {
  /** An empty database, migrated only once, because that is the slowest part. */
  private static final Path EMPTY = make();

  private TestIdentity() {}

  static Identity open() {
    return open(new AtomicLong(Instant.now().toEpochMilli()));
  }

  /**
   * @param millis the time since 1970
   */
  static Identity open(AtomicLong millis) {
    return Identity.open(
        database(),
        EMPTY.resolveSibling("identity.key"),
        () -> Instant.ofEpochMilli(millis.incrementAndGet()));
  }

  /**
   * An identity with providers.
   *
   * @param jumped the difference between the date and {@code millis}
   */
  static Identity open(
      AtomicLong millis,
      AtomicLong jumped,
      List<Provider> providers,
      StateDatabase database,
      ClaimedGroups claimedGroups,
      AuditTrail audit,
      MeterRegistry metrics) {
    return Identity.open(
        database,
        EMPTY.resolveSibling("identity.key"),
        providers,
        claimedGroups,
        audit,
        metrics,
        () -> Instant.ofEpochMilli(millis.incrementAndGet() + jumped.get()),
        () -> Instant.ofEpochMilli(millis.incrementAndGet()));
  }

  static StateDatabase database() {
    try {
      Path file = Files.createTempFile(EMPTY.getParent(), "identity", ".db");
      Files.write(file, Files.readAllBytes(EMPTY));
      return StateDatabase.open(file, Clock.systemUTC());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path make() {
    try {
      Path folder = Files.createTempDirectory("identity");
      StateDatabase.open(folder.resolve("state.db"), Clock.systemUTC()).close();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder)));
      return folder.resolve("state.db");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path folder) {
    try {
      AtomicFiles.deleteTree(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
