package io.dropserver.web.people;

import static io.dropserver.state.tables.Tables.NOTIFICATION;
import static io.dropserver.state.tables.Tables.NOTIFICATION_DELIVERY;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.NotificationRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/** Stores messages of apps until they are read and old. Thread-safe. */
public final class NotificationStore {
  /** The number of messages that are kept of one appspace for one user. The oldest is deleted. */
  static final int MAX_KEPT = 50;

  /** The number of messages that are kept of one appspace for all users. */
  static final int MAX_KEPT_OF_APPSPACE = 2_000;

  /** The number of messages that are kept for one user, however many members the appspace has. */
  static final int MIN_KEPT = 5;

  /** The number of unread messages that are shown to a user. */
  static final int MAX_SHOWN = 200;

  static final Duration MAX_AGE = Duration.ofDays(30);

  private final StateDatabase database;
  private final InstantSource clock;

  public NotificationStore(StateDatabase database, InstantSource clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * A stored message.
   *
   * @param appspace the identity of the appspace
   */
  record Stored(
      String id,
      String user,
      String appspace,
      String title,
      String body,
      String path,
      Instant created) {}

  /**
   * Stores a message.
   *
   * @param appspace the identity of the appspace
   * @param members the number of members of the appspace, who share its room
   * @param channels the channels to which it is delivered
   */
  void add(
      String user, String appspace, int members, Message message, Collection<String> channels) {
    String id = NotificationId.generate();
    long now = clock.millis();
    database.write(
        on -> {
          on.insertInto(NOTIFICATION)
              .set(NOTIFICATION.ID, id)
              .set(NOTIFICATION.USER_NAME, user)
              .set(NOTIFICATION.APPSPACE, appspace)
              .set(NOTIFICATION.TITLE, message.title())
              .set(NOTIFICATION.BODY, message.body())
              .set(NOTIFICATION.PATH, message.path())
              .set(NOTIFICATION.CREATED_AT, now)
              .execute();
          for (String channel : channels) {
            on.insertInto(NOTIFICATION_DELIVERY)
                .set(NOTIFICATION_DELIVERY.NOTIFICATION, id)
                .set(NOTIFICATION_DELIVERY.USER_NAME, user)
                .set(NOTIFICATION_DELIVERY.CHANNEL, channel)
                .set(NOTIFICATION_DELIVERY.ATTEMPTS, 0L)
                .set(NOTIFICATION_DELIVERY.DUE_AT, now)
                .execute();
          }
          List<String> surplus =
              on.select(NOTIFICATION.ID)
                  .from(NOTIFICATION)
                  .where(NOTIFICATION.USER_NAME.eq(user).and(NOTIFICATION.APPSPACE.eq(appspace)))
                  // Messages of a wrong date make room first; otherwise they displace all others.
                  .orderBy(
                      DSL.when(NOTIFICATION.CREATED_AT.gt(now), 1).otherwise(0),
                      NOTIFICATION.CREATED_AT.desc(),
                      NOTIFICATION.ID.eq(id).desc())
                  .offset(kept(members))
                  .fetch(NOTIFICATION.ID);
          delete(on, surplus);
        });
  }

  private static int kept(int members) {
    return Math.clamp(MAX_KEPT_OF_APPSPACE / Math.max(1, members), MIN_KEPT, MAX_KEPT);
  }

  /** Deletes the messages that are older than {@link #MAX_AGE}. */
  void deleteOld() {
    long oldest = clock.millis() - MAX_AGE.toMillis();
    database.write(
        on ->
            delete(
                on,
                on.select(NOTIFICATION.ID)
                    .from(NOTIFICATION)
                    .where(NOTIFICATION.CREATED_AT.lt(oldest))
                    .limit(1_000)
                    .fetch(NOTIFICATION.ID)));
  }

  /** Deletes the messages of users who do not exist any more. */
  void retainUsers(Predicate<String> exists) {
    List<String> removed =
        database
            .read(
                on ->
                    on.selectDistinct(NOTIFICATION.USER_NAME)
                        .from(NOTIFICATION)
                        .fetch(NOTIFICATION.USER_NAME))
            .stream()
            .filter(exists.negate())
            .toList();
    for (String user : removed) {
      database.write(
          on ->
              delete(
                  on,
                  on.select(NOTIFICATION.ID)
                      .from(NOTIFICATION)
                      .where(NOTIFICATION.USER_NAME.eq(user))
                      .fetch(NOTIFICATION.ID)));
    }
  }

  private static void delete(DSLContext on, List<String> ids) {
    if (!ids.isEmpty()) {
      on.deleteFrom(NOTIFICATION_DELIVERY)
          .where(NOTIFICATION_DELIVERY.NOTIFICATION.in(ids))
          .execute();
      on.deleteFrom(NOTIFICATION).where(NOTIFICATION.ID.in(ids)).execute();
    }
  }

  /** Returns the unread messages of a user, newest first: at most {@link #MAX_SHOWN}. */
  List<Stored> unread(String user) {
    return database.read(
        on ->
            on
                .selectFrom(NOTIFICATION)
                .where(NOTIFICATION.USER_NAME.eq(user).and(NOTIFICATION.READ_AT.isNull()))
                .orderBy(NOTIFICATION.CREATED_AT.desc(), NOTIFICATION.ID)
                .limit(MAX_SHOWN)
                .fetch()
                .stream()
                .map(NotificationStore::stored)
                .toList());
  }

  /** Returns a message, whether or not it was read. */
  Optional<Stored> find(String id) {
    return database.read(
        on ->
            on.selectFrom(NOTIFICATION)
                .where(NOTIFICATION.ID.eq(id))
                .fetchOptional()
                .map(NotificationStore::stored));
  }

  /** Marks a message of the user as read, and returns it; empty if the user has no such message. */
  Optional<Stored> open(String user, String id) {
    Optional<Stored> found = find(id).filter(message -> message.user().equals(user));
    if (found.isPresent()) {
      long now = clock.millis();
      database.write(
          on ->
              on.update(NOTIFICATION)
                  .set(NOTIFICATION.READ_AT, now)
                  .where(NOTIFICATION.ID.eq(id).and(NOTIFICATION.READ_AT.isNull()))
                  .execute());
    }
    return found;
  }

  /** Marks all messages of a user as read. */
  void readAll(String user) {
    long now = clock.millis();
    database.write(
        on ->
            on.update(NOTIFICATION)
                .set(NOTIFICATION.READ_AT, now)
                .where(NOTIFICATION.USER_NAME.eq(user).and(NOTIFICATION.READ_AT.isNull()))
                .execute());
  }

  private static Stored stored(NotificationRecord row) {
    return new Stored(
        row.getId(),
        row.getUserName(),
        row.getAppspace(),
        row.getTitle(),
        row.getBody(),
        row.getPath(),
        Instant.ofEpochMilli(row.getCreatedAt()));
  }
}
