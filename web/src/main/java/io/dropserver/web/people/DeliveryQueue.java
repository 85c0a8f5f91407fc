package io.dropserver.web.people;

import static io.dropserver.state.tables.Tables.NOTIFICATION;
import static io.dropserver.state.tables.Tables.NOTIFICATION_DELIVERY;

import io.dropserver.state.StateDatabase;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Stores which messages a channel has not accepted yet. A failed delivery is repeated with growing
 * delays for a day. Thread-safe.
 */
record DeliveryQueue(StateDatabase database, InstantSource clock) {
  /** A message is not sent any more when it is older. */
  static final Duration GIVES_UP_AFTER = Duration.ofDays(1);

  private static final Duration LONGEST_DELAY = Duration.ofMinutes(15);

  /**
   * A delivery.
   *
   * @param channel kind and target
   */
  record Delivery(String notification, String user, String channel, long attempts) {}

  /**
   * Returns deliveries that are due, at most one for each channel, so that order is kept. A
   * delivery that is due much later was postponed at a wrong date, and is due now.
   */
  List<Delivery> due(Instant now) {
    Condition due =
        NOTIFICATION_DELIVERY
            .DUE_AT
            .le(now.toEpochMilli())
            .or(NOTIFICATION_DELIVERY.DUE_AT.gt(now.plus(LONGEST_DELAY).toEpochMilli()));
    // The database chooses for each channel, so that many messages of one do not hide others.
    Field<Integer> place =
        DSL.rowNumber()
            .over(
                DSL.partitionBy(NOTIFICATION_DELIVERY.CHANNEL)
                    .orderBy(NOTIFICATION.CREATED_AT, NOTIFICATION.ID))
            .as("place");
    return database.read(
        on -> {
          Table<?> ranked =
              on.select(NOTIFICATION_DELIVERY.fields())
                  .select(NOTIFICATION.CREATED_AT, place)
                  .from(NOTIFICATION_DELIVERY)
                  .join(NOTIFICATION)
                  .on(NOTIFICATION.ID.eq(NOTIFICATION_DELIVERY.NOTIFICATION))
                  .where(due)
                  .asTable(NOTIFICATION_DELIVERY.getName());
          return on.select(ranked.fields(NOTIFICATION_DELIVERY.fields()))
              .from(ranked)
              .where(DSL.field(place.getUnqualifiedName(), Integer.class).eq(1))
              .orderBy(DSL.field(NOTIFICATION.CREATED_AT.getUnqualifiedName()))
              .fetch(DeliveryQueue::delivery);
        });
  }

  private static Delivery delivery(Record row) {
    return new Delivery(
        row.get(NOTIFICATION_DELIVERY.NOTIFICATION),
        row.get(NOTIFICATION_DELIVERY.USER_NAME),
        row.get(NOTIFICATION_DELIVERY.CHANNEL),
        row.get(NOTIFICATION_DELIVERY.ATTEMPTS));
  }

  /** Returns when the next delivery is due that is not due yet; empty if there is none. */
  Optional<Instant> next(Instant now) {
    return database
        .read(
            on ->
                on.select(DSL.min(NOTIFICATION_DELIVERY.DUE_AT))
                    .from(NOTIFICATION_DELIVERY)
                    .where(NOTIFICATION_DELIVERY.DUE_AT.gt(now.toEpochMilli()))
                    .fetchOptional(0, Long.class))
        .map(Instant::ofEpochMilli);
  }

  /** Removes a delivery that succeeded, or whose channel does not exist any more. */
  void remove(Delivery delivery) {
    database.write(on -> on.deleteFrom(NOTIFICATION_DELIVERY).where(is(delivery)).execute());
  }

  /** Removes the deliveries of messages that are too old. */
  void removeLate() {
    long oldest = clock.millis() - GIVES_UP_AFTER.toMillis();
    database.write(
        on ->
            on.deleteFrom(NOTIFICATION_DELIVERY)
                .where(
                    NOTIFICATION_DELIVERY.NOTIFICATION.in(
                        on.select(NOTIFICATION.ID)
                            .from(NOTIFICATION)
                            .where(NOTIFICATION.CREATED_AT.lt(oldest))))
                .execute());
  }

  /**
   * Postpones all deliveries of the channel.
   *
   * @param failure without secrets
   */
  void postpone(Delivery delivery, String failure) {
    long attempts = delivery.attempts() + 1;
    long seconds = Math.min(1L << Math.min(attempts, 20), LONGEST_DELAY.toSeconds());
    long due = clock.millis() + seconds * 1000;
    database.write(
        on ->
            on.update(NOTIFICATION_DELIVERY)
                .set(NOTIFICATION_DELIVERY.ATTEMPTS, attempts)
                .set(NOTIFICATION_DELIVERY.DUE_AT, due)
                .set(NOTIFICATION_DELIVERY.FAILURE, failure)
                .where(
                    NOTIFICATION_DELIVERY
                        .USER_NAME
                        .eq(delivery.user())
                        .and(NOTIFICATION_DELIVERY.CHANNEL.eq(delivery.channel())))
                .execute());
  }

  /** Returns a failure for each user whose messages are not delivered. */
  Map<String, String> failures() {
    Map<String, String> failures = new TreeMap<>();
    database
        .read(
            on ->
                on.selectDistinct(NOTIFICATION_DELIVERY.USER_NAME, NOTIFICATION_DELIVERY.FAILURE)
                    .from(NOTIFICATION_DELIVERY)
                    .where(NOTIFICATION_DELIVERY.FAILURE.isNotNull())
                    .fetch())
        .forEach(row -> failures.putIfAbsent(row.value1(), row.value2()));
    return failures;
  }

  private static Condition is(Delivery delivery) {
    return NOTIFICATION_DELIVERY
        .NOTIFICATION
        .eq(delivery.notification())
        .and(NOTIFICATION_DELIVERY.CHANNEL.eq(delivery.channel()));
  }
}
