package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.ENROLMENT;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.EnrolmentRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;

/**
 * Stores one-time login links, with which a user logs in to set up credentials. A user has at most
 * one link; a new link replaces it. Thread-safe.
 */
record EnrolmentStore(StateDatabase database, InstantSource clock) {
  static final Duration LIFETIME = Duration.ofHours(24);

  /**
   * @param direct whether opening the link logs the user in without a button
   */
  record Enrolment(String user, boolean direct) {}

  /**
   * Creates a link.
   *
   * @return the only copy of the link's token
   */
  String begin(String user, boolean direct) {
    String token = RandomSecret.generate();
    long now = clock.millis();
    database.write(
        on -> {
          on.deleteFrom(ENROLMENT)
              .where(ENROLMENT.EXPIRES_AT.le(now).or(ENROLMENT.USER_NAME.eq(user)))
              .execute();
          on.insertInto(ENROLMENT)
              .set(ENROLMENT.TOKEN, RandomSecret.hash(token))
              .set(ENROLMENT.USER_NAME, user)
              .set(ENROLMENT.DIRECT, direct)
              .set(ENROLMENT.EXPIRES_AT, now + LIFETIME.toMillis())
              .execute();
        });
    return token;
  }

  /** Looks up a link without using it. */
  Optional<Enrolment> find(String token) {
    return database
        .read(on -> on.selectFrom(ENROLMENT).where(is(token)).fetchOptional())
        .map(EnrolmentStore::enrolment);
  }

  /** Deletes a link and returns it. If several calls compete, one of them gets the link. */
  Optional<Enrolment> consume(String token) {
    return database.writeReturning(
        on -> {
          Optional<EnrolmentRecord> row = on.selectFrom(ENROLMENT).where(is(token)).fetchOptional();
          row.ifPresent(
              used ->
                  on.deleteFrom(ENROLMENT)
                      .where(ENROLMENT.USER_NAME.eq(used.getUserName()))
                      .execute());
          return row.map(EnrolmentStore::enrolment);
        });
  }

  /** Returns when the unused links of users expire, by user. */
  Map<String, Instant> pending() {
    return database
        .read(on -> on.selectFrom(ENROLMENT).where(isValid()).fetch())
        .intoMap(ENROLMENT.USER_NAME, row -> Instant.ofEpochMilli(row.getExpiresAt()));
  }

  /**
   * Deletes the unused link of a user.
   *
   * @return the number of links that were still valid
   */
  int withdraw(String user) {
    return database.writeReturning(
        on -> {
          Condition ofUser = ENROLMENT.USER_NAME.eq(user);
          int valid = on.fetchCount(ENROLMENT, ofUser.and(isValid()));
          on.deleteFrom(ENROLMENT).where(ofUser).execute();
          return valid;
        });
  }

  /** Deletes the links of all users except these. */
  void withdrawAllExcept(Set<String> users) {
    Condition others = ENROLMENT.USER_NAME.notIn(users);
    if (database.read(on -> on.fetchExists(ENROLMENT, others))) {
      database.write(on -> on.deleteFrom(ENROLMENT).where(others).execute());
    }
  }

  /** A link that ends much later than a new one was made at a wrong date, and is not accepted. */
  private Condition isValid() {
    long now = clock.millis();
    return ENROLMENT.EXPIRES_AT.gt(now).and(ENROLMENT.EXPIRES_AT.le(now + 2 * LIFETIME.toMillis()));
  }

  private Condition is(String token) {
    return ENROLMENT.TOKEN.eq(RandomSecret.hash(token)).and(isValid());
  }

  private static Enrolment enrolment(EnrolmentRecord row) {
    return new Enrolment(row.getUserName(), row.getDirect());
  }
}
