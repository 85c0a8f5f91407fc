package io.dropserver.base.budget;

import java.util.function.LongSupplier;

/**
 * A token bucket with a burst capacity and an average rate per second, both in tokens. The caller
 * decides what a token is, such as a request or a byte. Callers that can wait use {@link #charge},
 * which may overdraw the bucket and returns how long to pause. Callers that cannot wait use {@link
 * #take}. Thread-safe.
 */
public final class TokenBucket {
  private double capacity; // guarded by this
  private double perNano; // guarded by this
  private final LongSupplier nanoTime;
  private double available; // guarded by this; negative after an overdraft
  private long last; // guarded by this

  public TokenBucket(double capacity, double perSecond) {
    this(capacity, perSecond, System::nanoTime);
  }

  /**
   * @param capacity the maximum burst; the bucket starts full and refills up to it
   * @param nanoTime a clock like {@link System#nanoTime}
   */
  public TokenBucket(double capacity, double perSecond, LongSupplier nanoTime) {
    this.capacity = capacity;
    this.perNano = perSecond / 1e9;
    this.nanoTime = nanoTime;
    this.available = capacity;
    this.last = nanoTime.getAsLong();
  }

  /**
   * Takes tokens if they are available.
   *
   * @return false if fewer are available; in this case nothing is taken
   */
  public synchronized boolean take(double tokens) {
    refill();
    if (available < tokens) {
      return false;
    }
    available -= tokens;
    return true;
  }

  /**
   * Takes tokens, even if fewer are available.
   *
   * @return the nanoseconds that the caller must pause before it continues; 0 without an overdraft
   */
  public synchronized long charge(double tokens) {
    refill();
    available -= tokens;
    return available >= 0 ? 0 : (long) Math.ceil(-available / perNano);
  }

  /** Changes capacity and rate. Tokens already taken remain taken. */
  public synchronized void change(double newCapacity, double perSecond) {
    refill();
    available += newCapacity - capacity;
    capacity = newCapacity;
    perNano = perSecond / 1e9;
  }

  private void refill() {
    long now = nanoTime.getAsLong();
    available = Math.min(capacity, available + (now - last) * perNano);
    last = now;
  }
}
