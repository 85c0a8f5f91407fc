package io.dropserver.sandbox.budget;

import java.util.function.LongSupplier;

/**
 * A token bucket: an amount at once, and an amount per second on average. Callers that may wait pay
 * by {@link #charge}, which puts the account into debt and tells how long to pause; callers that
 * may not wait use {@link #take}. Thread-safe.
 */
public final class Allowance {
  private double capacity; // guarded by this
  private double perNano; // guarded by this
  private final LongSupplier nanoTime;
  private double available; // guarded by this; below 0 is a debt
  private long last; // guarded by this

  public Allowance(double capacity, double perSecond) {
    this(capacity, perSecond, System::nanoTime);
  }

  /**
   * @param capacity at once, after a time without use
   * @param nanoTime as {@link System#nanoTime}
   */
  public Allowance(double capacity, double perSecond, LongSupplier nanoTime) {
    this.capacity = capacity;
    this.perNano = perSecond / 1e9;
    this.nanoTime = nanoTime;
    this.available = capacity;
    this.last = nanoTime.getAsLong();
  }

  /**
   * Takes the amount if it is there.
   *
   * @return false when it is not; nothing has been taken then
   */
  public synchronized boolean take(double amount) {
    refill();
    if (available < amount) {
      return false;
    }
    available -= amount;
    return true;
  }

  /**
   * Takes the amount, into debt if it must.
   *
   * @return nanoseconds that the caller has to pause before it works on; 0 while there is no debt
   */
  public synchronized long charge(double amount) {
    refill();
    available -= amount;
    return available >= 0 ? 0 : (long) Math.ceil(-available / perNano);
  }

  /** Changes both bounds from now on; what was taken stays taken. */
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
