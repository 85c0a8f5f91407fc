package io.dropserver.web.site;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/** Counts requests in slots of five seconds for the last ten minutes. Thread-safe. */
final class RequestCounts {
  static final int SLOTS = 120;
  static final long SLOT_MILLIS = Duration.ofSeconds(5).toMillis();
  private static final int BITS = 24;
  private static final long MAX_COUNT = (1L << BITS) - 1;

  /**
   * A ring of slots. Each value is the number of the slot since 1970, and in the low 24 bits the
   * number of requests in it.
   */
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

  /**
   * @param now milliseconds since 1970
   */
  void count(long now) {
    long slot = now / SLOT_MILLIS;
    slots.updateAndGet(Math.floorMod(slot, SLOTS), held -> counted(held, slot));
  }

  private static long counted(long held, long slot) {
    return (held >>> BITS) == slot
        ? held + ((held & MAX_COUNT) == MAX_COUNT ? 0 : 1)
        : (slot << BITS) | 1;
  }

  /**
   * Returns the counts, oldest slot first.
   *
   * @param now milliseconds since 1970; the last slot contains this time
   */
  List<Integer> countsUntil(long now) {
    long last = now / SLOT_MILLIS;
    List<Integer> counts = new ArrayList<>(SLOTS);
    for (long slot = last - SLOTS + 1; slot <= last; slot++) {
      long held = slots.get(Math.floorMod(slot, SLOTS));
      counts.add((held >>> BITS) == slot ? (int) (held & MAX_COUNT) : 0);
    }
    return counts;
  }
}
