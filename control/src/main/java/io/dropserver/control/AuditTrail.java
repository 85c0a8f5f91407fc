package io.dropserver.control;

import java.util.function.Supplier;

/**
 * Receives what people and commands did; implemented by the reconciler. A record never contains a
 * secret, a query string, a message or the body of a request. Thread-safe.
 */
@FunctionalInterface
public interface AuditTrail {
  /**
   * Records an operation. Never throws: an operation does not fail because its record cannot be
   * written.
   *
   * @param action such as {@code data discard}
   * @param object the affected objects as {@code KIND/NAME}, separated by spaces
   */
  void record(AuditSource source, String action, String object, AuditOutcome outcome);

  /** Performs an operation and records how it ended. */
  default <T> T perform(
      AuditSource source, String action, String object, Supplier<? extends T> operation) {
    AuditOutcome outcome = AuditOutcome.FAILED;
    try {
      T result = operation.get();
      outcome = AuditOutcome.DONE;
      return result;
    } catch (ControlException e) {
      outcome = AuditOutcome.REFUSED;
      throw e;
    } finally {
      record(source, action, object, outcome);
    }
  }

  /** Performs an operation without a result and records how it ended. */
  default void perform(AuditSource source, String action, String object, Runnable operation) {
    perform(
        source,
        action,
        object,
        () -> {
          operation.run();
          return object;
        });
  }
}
