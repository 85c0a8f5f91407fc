package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.WEBHOOK_DELIVERY;

import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.WebhookDeliveryRecord;
import java.time.Clock;
import java.time.Duration;

/**
 * Records the webhook deliveries that the server has processed, to detect replays. Deletes the
 * oldest records by age and number. Replaying a delivery without a record only causes one more poll
 * of the remote. Thread-safe.
 */
public record StoredDeliveries(StateDatabase database, Clock clock) {
  static final int KEPT = 10_000;
  private static final Duration LONGEST = Duration.ofDays(90);

  public boolean recordIfNew(String hook, String delivery) {
    WebhookDeliveryRecord row = new WebhookDeliveryRecord(hook, delivery, clock.millis());
    return database.writeReturning(
        on -> {
          boolean fresh =
              on.insertInto(WEBHOOK_DELIVERY).set(row).onConflictDoNothing().execute() == 1;
          if (fresh) {
            on.deleteFrom(WEBHOOK_DELIVERY)
                .where(WEBHOOK_DELIVERY.RECEIVED_AT.lt(clock.millis() - LONGEST.toMillis()))
                .execute();
            OldestRows.delete(on, WEBHOOK_DELIVERY, WEBHOOK_DELIVERY.RECEIVED_AT, KEPT);
          }
          return fresh;
        });
  }
}
