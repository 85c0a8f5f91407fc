package io.dropserver.web.hook;

/** Stores which deliveries were processed, to detect replays. Thread-safe. */
@FunctionalInterface
public interface DeliveryLog {

  /**
   * Records a delivery and returns whether it is new. If several calls with the same delivery
   * compete, only one returns true.
   *
   * @param hook the webhook's name in the host configuration
   * @param delivery identifies the delivery, at most 200 characters
   */
  boolean recordIfNew(String hook, String delivery);
}
