package io.dropserver.web.hook;

/** Remembers deliveries that were acted upon. Thread-safe. */
@FunctionalInterface
public interface DeliveryLog {

  /**
   * Whether this delivery is new; it is remembered then. Of several concurrent calls with the same
   * delivery one is told so.
   *
   * @param hook its name in the host's configuration
   * @param delivery what identifies it, at most 200 characters
   */
  boolean firstTime(String hook, String delivery);
}
