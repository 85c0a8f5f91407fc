package io.dropserver.reconciler.audit;

import io.dropserver.base.budget.TokenBucket;
import io.dropserver.control.AuditOutcome;
import io.dropserver.control.AuditSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Bounds how fast clients can add records. Beyond the rate, equal operations are counted, and one
 * record stands for all of them. Commands have no limit, because only the server's own user and
 * root can run them. Not thread-safe.
 */
final class AuditRates {
  /** Records of one user with one action, or of all clients that fail to log in. */
  static final int BURST = 30;

  static final int PER_HOUR = 12;

  /**
   * Different operations that are counted at the same time; others are counted as {@link #MORE}.
   */
  static final int MAX_COUNTED = 256;

  /** The maximum number of rates. Beyond it, the least recently used one is forgotten. */
  static final int MAX_RATES = 4_096;

  static final String MORE = "several";

  private final LongSupplier nanoTime;
  private final Map<String, TokenBucket> rates =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
          return size() > MAX_RATES;
        }
      };
  private Map<Operation, Count> counted = new LinkedHashMap<>();

  record Operation(AuditSource source, String action, String object, AuditOutcome outcome) {
    private Operation from(String address) {
      return new Operation(
          new AuditSource(source.actor(), source.uid(), source.sudoUser(), address),
          action,
          object,
          outcome);
    }

    private Operation withoutObject() {
      return new Operation(source, action, MORE, outcome);
    }
  }

  /** How many operations were counted, and the operation that stands for them. */
  record Count(Operation operation, long number) {}

  AuditRates(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Returns whether the operation gets a record of its own; otherwise it is counted. */
  boolean admit(Operation operation) {
    if (operation.source().isCommand()) {
      return true;
    }
    String key =
        operation.source().isVerified()
            ? operation.source().actor() + " " + operation.action()
            : operation.source().actor();
    if (rates
        .computeIfAbsent(key, _ -> new TokenBucket(BURST, PER_HOUR / 3600.0, nanoTime))
        .take(1)) {
      return true;
    }
    count(operation);
    return false;
  }

  private void count(Operation operation) {
    Operation equal = operation.from(MORE);
    if (!counted.containsKey(equal) && counted.size() >= MAX_COUNTED) {
      equal = equal.withoutObject();
    }
    counted.merge(
        equal,
        new Count(operation, 1),
        (before, _) ->
            new Count(
                before.operation().source().equals(operation.source())
                    ? before.operation()
                    : before.operation().from(MORE),
                before.number() + 1));
  }

  /** Returns what was counted since the last call. */
  List<Count> drain() {
    List<Count> drained = new ArrayList<>(counted.values());
    counted = new LinkedHashMap<>();
    return drained;
  }
}
