package io.dropserver.web.identity;

import static io.dropserver.schema.state.tables.Tables.PASSWORD;

import io.dropserver.schema.state.StateDatabase;
import java.text.Normalizer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Stores the passwords of users, at most one each. Thread-safe. */
final class Passwords {
  /** NIST SP 800-63B requires only a minimum length. */
  static final int SHORTEST = 12;

  static final int LONGEST = 500;

  /** Memory of one hash in bytes. A hash also occupies a CPU for about 50 ms. */
  private static final long HASH_MEMORY = 19L << 20;

  /** Limits concurrent hashes to a sixth of the heap and to two. */
  static final int AT_ONCE =
      (int) Math.clamp(Runtime.getRuntime().maxMemory() / 6 / HASH_MEMORY, 1L, 2L);

  private final StateDatabase database;
  private final InstantSource clock;
  private final Semaphore hashing = new Semaphore(AT_ONCE, true);

  /** Hashed when the user has no password, so that the response takes the same time. */
  private final String nobodys = Argon2id.hash(Secret.fresh());

  Passwords(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  boolean matches(String user, String password) {
    Optional<String> kept =
        password.length() > LONGEST
            ? Optional.empty()
            : database.read(
                on ->
                    on.select(PASSWORD.HASH)
                        .from(PASSWORD)
                        .where(PASSWORD.USER_NAME.eq(user))
                        .fetchOptional(PASSWORD.HASH));
    String tried = password.length() > LONGEST ? "" : normal(password);
    hashing.acquireUninterruptibly();
    try {
      return Argon2id.matches(tried, kept.orElse(nobodys)) && kept.isPresent();
    } finally {
      hashing.release();
    }
  }

  /** Why a password may not be set; empty when it may. */
  static Optional<String> refusal(Person person, String password) {
    String lower = password.toLowerCase(Locale.ROOT);
    if (password.length() < SHORTEST) {
      return Optional.of("Choose at least " + SHORTEST + " characters; a few words are fine.");
    }
    if (password.length() > LONGEST) {
      return Optional.of("Choose at most " + LONGEST + " characters.");
    }
    boolean one = lower.chars().distinct().count() < 4;
    boolean own =
        lower
                .replace(person.name().toLowerCase(Locale.ROOT), "")
                .replace(person.displayName().toLowerCase(Locale.ROOT), "")
                .length()
            < SHORTEST / 2;
    return one || own
        ? Optional.of("That is too easy to guess. Choose a few words that belong to nobody.")
        : Optional.empty();
  }

  /** Sets or replaces the password. */
  void set(String user, String password) {
    String hash;
    hashing.acquireUninterruptibly();
    try {
      hash = Argon2id.hash(normal(password));
    } finally {
      hashing.release();
    }
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

  /** When the password was set; empty without one. */
  Optional<Instant> since(String user) {
    return database
        .read(
            on ->
                on.select(PASSWORD.SET_AT)
                    .from(PASSWORD)
                    .where(PASSWORD.USER_NAME.eq(user))
                    .fetchOptional(PASSWORD.SET_AT))
        .map(Instant::ofEpochMilli);
  }

  /**
   * @return false when there was none
   */
  boolean remove(String user) {
    return database.writeAnd(
        on -> on.deleteFrom(PASSWORD).where(PASSWORD.USER_NAME.eq(user)).execute() > 0);
  }

  /** Normalizes Unicode, so that different keyboards produce the same password. */
  private static String normal(String password) {
    return Normalizer.normalize(password, Normalizer.Form.NFC);
  }
}
