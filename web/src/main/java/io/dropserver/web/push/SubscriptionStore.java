package io.dropserver.web.push;

import static io.dropserver.state.tables.Tables.PUSH_SUBSCRIPTION;

import io.dropserver.base.text.Sha256;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.PushSubscriptionRecord;
import java.net.URI;
import java.security.InvalidKeyException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import org.jooq.DSLContext;

/**
 * Stores the subscriptions of browsers. A subscription ends with the session of the browser that
 * made it, so that a browser shows no messages after a log-out. Thread-safe.
 *
 * @param activeSession whether a user has an active session with an id
 */
record SubscriptionStore(
    StateDatabase database, InstantSource clock, BiPredicate<String, String> activeSession) {
  /** The number of subscriptions of one user. Beyond it, the oldest is removed. */
  static final int MAX_PER_USER = 10;

  /** The name of a subscription: it identifies the endpoint, but does not reveal it. */
  static String id(Subscription subscription) {
    return HexFormat.of().formatHex(Sha256.of(subscription.endpoint().toString()), 0, 16);
  }

  /** Stores a subscription. It replaces one with the same endpoint, also of another user. */
  void add(String user, String session, Subscription subscription) {
    String id = id(subscription);
    long now = clock.millis();
    database.write(
        on -> {
          remove(on, id);
          on.insertInto(PUSH_SUBSCRIPTION)
              .set(PUSH_SUBSCRIPTION.ID, id)
              .set(PUSH_SUBSCRIPTION.USER_NAME, user)
              .set(PUSH_SUBSCRIPTION.SESSION, session)
              .set(PUSH_SUBSCRIPTION.ENDPOINT, subscription.endpoint().toString())
              .set(PUSH_SUBSCRIPTION.PUBLIC_KEY, P256.point(subscription.publicKey()))
              .set(PUSH_SUBSCRIPTION.AUTH, subscription.secret())
              .set(PUSH_SUBSCRIPTION.CREATED_AT, now)
              .execute();
          on.select(PUSH_SUBSCRIPTION.ID)
              .from(PUSH_SUBSCRIPTION)
              .where(PUSH_SUBSCRIPTION.USER_NAME.eq(user))
              .orderBy(PUSH_SUBSCRIPTION.ID.eq(id).desc(), PUSH_SUBSCRIPTION.CREATED_AT.desc())
              .offset(MAX_PER_USER)
              .fetch(PUSH_SUBSCRIPTION.ID)
              .forEach(surplus -> remove(on, surplus));
        });
  }

  /** Returns the ids of a user's subscriptions, and removes those whose session has ended. */
  List<String> of(String user) {
    List<PushSubscriptionRecord> rows =
        database.read(
            on ->
                on.selectFrom(PUSH_SUBSCRIPTION)
                    .where(PUSH_SUBSCRIPTION.USER_NAME.eq(user))
                    .orderBy(PUSH_SUBSCRIPTION.CREATED_AT, PUSH_SUBSCRIPTION.ID)
                    .fetch());
    rows.stream().filter(row -> !isActive(row)).forEach(row -> remove(row.getId()));
    return rows.stream().filter(this::isActive).map(PushSubscriptionRecord::getId).toList();
  }

  /** Returns a subscription of a user; empty if there is none, or its session has ended. */
  Optional<Subscription> find(String user, String id) {
    return database
        .read(
            on ->
                on.selectFrom(PUSH_SUBSCRIPTION)
                    .where(PUSH_SUBSCRIPTION.ID.eq(id).and(PUSH_SUBSCRIPTION.USER_NAME.eq(user)))
                    .fetchOptional())
        .filter(this::isActive)
        .map(SubscriptionStore::subscription);
  }

  private boolean isActive(PushSubscriptionRecord row) {
    return activeSession.test(row.getUserName(), row.getSession());
  }

  private static Subscription subscription(PushSubscriptionRecord row) {
    try {
      return new Subscription(
          URI.create(row.getEndpoint()),
          P256.publicKey(row.getPublicKey()),
          Base64.getUrlEncoder().encodeToString(row.getAuth()));
    } catch (InvalidKeyException e) {
      throw new IllegalStateException("the database contains a damaged key", e);
    }
  }

  /** Removes a subscription of any user. */
  void remove(String id) {
    database.write(on -> remove(on, id));
  }

  /** Removes a subscription of a user. */
  void remove(String user, Subscription subscription) {
    String id = id(subscription);
    database.write(
        on ->
            on.deleteFrom(PUSH_SUBSCRIPTION)
                .where(PUSH_SUBSCRIPTION.ID.eq(id).and(PUSH_SUBSCRIPTION.USER_NAME.eq(user)))
                .execute());
  }

  private static void remove(DSLContext on, String id) {
    var _ = on.deleteFrom(PUSH_SUBSCRIPTION).where(PUSH_SUBSCRIPTION.ID.eq(id)).execute();
  }
}
