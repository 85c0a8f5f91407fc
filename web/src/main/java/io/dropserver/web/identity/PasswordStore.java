package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.PASSWORD;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.site.Person;
import java.text.Normalizer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jooq.Field;

/** Stores the passwords of users, at most one each. Thread-safe. */
final class PasswordStore {
  /**
   * The minimum length in UTF-16 code units. NIST SP 800-63B requires a minimum length, and no
   * composition rules.
   */
  static final int MIN_LENGTH = 12;

  static final int MAX_LENGTH = 500;

  /** The memory that computing one hash needs, in bytes. */
  private static final long HASH_MEMORY = 19L << 20;

  /**
   * The maximum number of hashes that are computed concurrently: two, or one if two need more than
   * a sixth of the heap.
   */
  static final int MAX_CONCURRENT_HASHES =
      (int) Math.clamp(Runtime.getRuntime().maxMemory() / 6 / HASH_MEMORY, 1L, 2L);

  private final StateDatabase database;
  private final InstantSource clock;
  private final Semaphore hashing = new Semaphore(MAX_CONCURRENT_HASHES, true);

  /**
   * A hash that is compared when the user has no password, so that the response takes the same
   * time.
   */
  private final String dummyHash = Argon2id.random();

  PasswordStore(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  boolean matches(String user, String password) {
    Optional<String> kept =
        password.length() > MAX_LENGTH ? Optional.empty() : find(user, PASSWORD.HASH);
    String tried = password.length() > MAX_LENGTH ? "" : normal(password);
    return withinLimit(() -> Argon2id.matches(tried, kept.orElse(dummyHash))) && kept.isPresent();
  }

  /** Hashes when fewer than {@link #MAX_CONCURRENT_HASHES} other threads do. */
  private <T> T withinLimit(Supplier<T> work) {
    hashing.acquireUninterruptibly();
    try {
      return work.get();
    } finally {
      hashing.release();
    }
  }

  /** Returns the message for the person if the password is not acceptable. */
  static Optional<String> rejectionReason(Person person, String password) {
    String lower = password.toLowerCase(Locale.ROOT);
    if (password.length() < MIN_LENGTH) {
      return Optional.of("Choose at least " + MIN_LENGTH + " characters; a few words are fine.");
    }
    if (password.length() > MAX_LENGTH) {
      return Optional.of("Choose at most " + MAX_LENGTH + " characters.");
    }
    boolean one = lower.chars().distinct().count() < 4;
    boolean own =
        lower
                .replace(person.name().toLowerCase(Locale.ROOT), "")
                .replace(person.displayName().toLowerCase(Locale.ROOT), "")
                .length()
            < MIN_LENGTH / 2;
    return one || own
        ? Optional.of(
            "This password is too easy to guess. Choose a few words that are unrelated to you.")
        : Optional.empty();
  }

  /** Sets or replaces the password. */
  void set(String user, String password) {
    String hash = withinLimit(() -> Argon2id.hash(normal(password)));
    long now = clock.millis();
    database.write(
        on ->
            on.insertInto(PASSWORD)
                .set(PASSWORD.USER_NAME, user)
                .set(PASSWORD.HASH, hash)
                .set(PASSWORD.SET_AT, now)
                .onConflict(PASSWORD.USER_NAME)
                .doUpdate()
                .set(PASSWORD.HASH, hash)
                .set(PASSWORD.SET_AT, now)
                .execute());
  }

  /** Returns when the password was set; empty if the user has no password. */
  Optional<Instant> setAt(String user) {
    return find(user, PASSWORD.SET_AT).map(Instant::ofEpochMilli);
  }

  private <T> Optional<T> find(String user, Field<T> field) {
    return database.read(
        on ->
            on.select(field)
                .from(PASSWORD)
                .where(PASSWORD.USER_NAME.eq(user))
                .fetchOptional(field));
  }

  /**
   * Removes the password.
   *
   * @return false when the user has no password
   */
  boolean remove(String user) {
    return database.writeReturning(
        on -> on.deleteFrom(PASSWORD).where(PASSWORD.USER_NAME.eq(user)).execute() > 0);
  }

  /** Normalizes Unicode, so that different keyboards produce the same password. */
  private static String normal(String password) {
    return Normalizer.normalize(password, Normalizer.Form.NFC);
  }
}
