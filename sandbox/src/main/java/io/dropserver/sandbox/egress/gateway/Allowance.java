package io.dropserver.sandbox.egress.gateway;

/** A token bucket: so much at once, and so much a second on average. Thread-safe. */
final class Allowance {
  private final double capacity;
  private final double perNano;
  private double available; // guarded by this
  private long last = System.nanoTime(); // guarded by this

  Allowance(double capacity, double perSecond) {
    this.capacity = capacity;
    this.perNano = perSecond / 1e9;
    this.available = capacity;
  }

  /** Takes them if they are there. */
  synchronized boolean take(double amount) {
    long now = System.nanoTime();
    available = Math.min(capacity, available + (now - last) * perNano);
    last = now;
    if (available < amount) {
      return false;
    }
    available -= amount;
    return true;
  }
}
