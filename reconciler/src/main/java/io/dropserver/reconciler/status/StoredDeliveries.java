package io.dropserver.reconciler.status;

import static io.dropserver.schema.state.tables.Tables.WEBHOOK_DELIVERY;

import io.dropserver.schema.state.StateDatabase;
import io.dropserver.web.hook.DeliveryLog;
import java.time.Clock;
import java.time.Duration;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/**
 * Webhook deliveries that the server has acted on, in the database. The oldest are deleted by age
 * and by number. A delivery that was forgotten can be replayed, which only makes the server poll
 * its remote once more. Thread-safe.
 */
public record StoredDeliveries(StateDatabase database, Clock clock) implements DeliveryLog {
  static final int KEPT = 10_000;
  private static final Duration LONGEST = Duration.ofDays(90);

  @Override
  public boolean recordIfNew(String hook, String delivery) {
    return database.writeReturning(
        on -> {
          boolean fresh =
              on.insertInto(WEBHOOK_DELIVERY)
                      .set(WEBHOOK_DELIVERY.HOOK, hook)
                      .set(WEBHOOK_DELIVERY.DELIVERY, delivery)
                      .set(WEBHOOK_DELIVERY.RECEIVED_AT, clock.millis())
                      .onConflictDoNothing()
                      .execute()
                  == 1;
          if (fresh) {
            trim(on);
          }
          return fresh;
        });
  }

  private void trim(DSLContext on) {
    on.deleteFrom(WEBHOOK_DELIVERY)
        .where(WEBHOOK_DELIVERY.RECEIVED_AT.lt(clock.millis() - LONGEST.toMillis()))
        .execute();
    int over = on.fetchCount(WEBHOOK_DELIVERY) - KEPT;
    if (over > 0) {
      on.deleteFrom(WEBHOOK_DELIVERY)
          .where(
              DSL.row(WEBHOOK_DELIVERY.HOOK, WEBHOOK_DELIVERY.DELIVERY)
                  .in(
                      DSL.select(WEBHOOK_DELIVERY.HOOK, WEBHOOK_DELIVERY.DELIVERY)
                          .from(WEBHOOK_DELIVERY)
                          .orderBy(WEBHOOK_DELIVERY.RECEIVED_AT)
                          .limit(over)))
          .execute();
    }
  }
}
