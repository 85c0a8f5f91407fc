package io.dropserver.web.identity;

import static io.dropserver.state.tables.Tables.PASSKEY;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.PasskeyRecord;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Stores the passkeys of users: public keys and counters. Thread-safe. */
record PasskeyStore(StateDatabase database, InstantSource clock) {
  /** The limit per user. */
  static final int MAX_PER_USER = 20;

  private static final int HANDLE = 12;

  /**
   * @param id the credential id, base64url
   * @param attested the attested credential data, base64url
   */
  record StoredPasskey(
      String id,
      String user,
      String domain,
      String attested,
      long signCount,
      boolean backupEligible,
      boolean suspect) {}

  /** Returns the short id of a passkey in lists, forms and on the command line. */
  static String handle(String id) {
    return RandomSecret.hash(id).substring(0, HANDLE);
  }

  Optional<StoredPasskey> find(String id) {
    return database
        .read(on -> on.selectFrom(PASSKEY).where(PASSKEY.ID.eq(id)).fetchOptional())
        .map(PasskeyStore::kept);
  }

  /** Returns the passkeys of a user, oldest first. */
  List<Passkey> of(String user) {
    return rows(user).stream().map(PasskeyStore::shown).toList();
  }

  /** Returns the credential ids of a user's passkeys for a domain. */
  List<String> idsOf(String user, String domain) {
    return rows(user).stream()
        .filter(row -> row.getDomain().equals(domain))
        .map(PasskeyRecord::getId)
        .toList();
  }

  private List<PasskeyRecord> rows(String user) {
    return database.read(
        on ->
            on.selectFrom(PASSKEY)
                .where(PASSKEY.USER_NAME.eq(user))
                .orderBy(PASSKEY.CREATED_AT, PASSKEY.ID)
                .fetch());
  }

  /**
   * Stores a passkey.
   *
   * @return false when the id exists already, or the user has {@link #MAX_PER_USER} passkeys
   */
  boolean add(String user, String domain, String label, PasskeyVerifier.NewPasskey newPasskey) {
    long now = clock.millis();
    return database.writeReturning(
        on -> {
          if (on.fetchCount(PASSKEY, PASSKEY.USER_NAME.eq(user)) >= MAX_PER_USER) {
            return false;
          }
          return on.insertInto(PASSKEY)
                  .set(PASSKEY.ID, newPasskey.id())
                  .set(PASSKEY.USER_NAME, user)
                  .set(PASSKEY.DOMAIN, domain)
                  .set(PASSKEY.LABEL, label)
                  .set(PASSKEY.ATTESTED, RandomSecret.decoded(newPasskey.attested()))
                  .set(PASSKEY.SIGN_COUNT, newPasskey.signCount())
                  .set(PASSKEY.BACKUP_ELIGIBLE, newPasskey.backupEligible())
                  .set(PASSKEY.CREATED_AT, now)
                  .onConflictDoNothing()
                  .execute()
              == 1;
        });
  }

  /**
   * Stores the time of a log-in and the new signature counter.
   *
   * @return false when the passkey was removed, or its stored counter has changed since it was read
   */
  boolean recordUse(StoredPasskey passkey, long signCount) {
    long now = clock.millis();
    return database.writeReturning(
        on ->
            on.update(PASSKEY)
                    .set(PASSKEY.SIGN_COUNT, signCount)
                    .set(PASSKEY.USED_AT, now)
                    .where(PASSKEY.ID.eq(passkey.id()))
                    .and(PASSKEY.SIGN_COUNT.eq(passkey.signCount()))
                    .execute()
                == 1);
  }

  /** Marks the passkey as copied, so that it is not accepted any more. */
  void markCopied(StoredPasskey passkey) {
    long now = clock.millis();
    database.write(
        on ->
            on.update(PASSKEY)
                .set(PASSKEY.SUSPECT_AT, now)
                .where(PASSKEY.ID.eq(passkey.id()))
                .execute());
  }

  /**
   * Removes a passkey.
   *
   * @return false when the user has no passkey with this handle
   */
  boolean remove(String user, String handle) {
    return database.writeReturning(
        on -> {
          List<String> ids =
              on
                  .select(PASSKEY.ID)
                  .from(PASSKEY)
                  .where(PASSKEY.USER_NAME.eq(user))
                  .fetch(PASSKEY.ID)
                  .stream()
                  .filter(id -> handle(id).equals(handle))
                  .toList();
          return on.deleteFrom(PASSKEY).where(PASSKEY.ID.in(ids)).execute() > 0;
        });
  }

  private static StoredPasskey kept(PasskeyRecord row) {
    return new StoredPasskey(
        row.getId(),
        row.getUserName(),
        row.getDomain(),
        RandomSecret.encoded(row.getAttested()),
        row.getSignCount(),
        row.getBackupEligible(),
        row.getSuspectAt() != null);
  }

  private static Passkey shown(PasskeyRecord row) {
    return new Passkey(
        handle(row.getId()),
        row.getLabel(),
        row.getDomain(),
        Instant.ofEpochMilli(row.getCreatedAt()),
        Optional.ofNullable(row.getUsedAt()).map(Instant::ofEpochMilli),
        row.getSuspectAt() != null);
  }
}
