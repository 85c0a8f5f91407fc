package io.dropserver.web.hook;

/** Remembers the deliveries that were processed. Thread-safe. */
@FunctionalInterface
public interface DeliveryLog {

  /**
   * Records a delivery and returns whether it is new. Of several concurrent calls with the same
   * delivery, one returns true.
   *
   * @param hook its name in the host's configuration
   * @param delivery identifies the delivery, at most 200 characters
   */
  boolean recordIfNew(String hook, String delivery);
}
