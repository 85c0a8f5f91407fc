package io.dropserver.base.budget;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A limited amount of one resource, such as bytes of heap, connections or DNS lookups. A budget has
 * a total and a maximum share for each holder. A holder without a claim uses no memory.
 * Thread-safe.
 *
 * @param <K> the holder: a client's address, an appspace's name, a session
 */
public final class Budget<K> {
  private final long total;
  private final long perHolder;
  private final Map<K, Long> held = new HashMap<>(); // guarded by this
  private long taken; // guarded by this

  /**
   * @param total the limit for all holders together
   * @param perHolder the limit for each holder; capped by the total
   * @throws IllegalArgumentException if either is below 1
   */
  public Budget(long total, long perHolder) {
    if (total < 1 || perHolder < 1) {
      throw new IllegalArgumentException("a budget of " + total + ", " + perHolder + " a holder");
    }
    this.total = total;
    this.perHolder = Math.min(total, perHolder);
  }

  /** The limit that refuses a claim. */
  public enum Bound {
    TOTAL,
    HOLDER
  }

  /**
   * Claims an amount without waiting.
   *
   * @param amount 0 or more
   * @return the claim, or empty if a limit refuses it
   */
  public Optional<Claim> claim(K holder, long amount) {
    return add(holder, amount) ? Optional.of(new Claim(holder, amount)) : Optional.empty();
  }

  /**
   * Claims an amount without waiting.
   *
   * @param share a limit for this holder that applies if it is lower than the common one
   * @return the claim, or empty if a limit refuses it
   */
  public synchronized Optional<Claim> claim(K holder, long amount, long share) {
    return held.getOrDefault(holder, 0L) > share - amount
        ? Optional.empty()
        : claim(holder, amount);
  }

  /** Returns the limit that would refuse this claim now, if any. */
  public synchronized Optional<Bound> refusal(K holder, long amount) {
    if (held.getOrDefault(holder, 0L) > perHolder - amount) {
      return Optional.of(Bound.HOLDER);
    }
    return taken > total - amount ? Optional.of(Bound.TOTAL) : Optional.empty();
  }

  /** Returns the amount taken by all holders. */
  public synchronized long taken() {
    return taken;
  }

  /** Returns the amount taken by this holder. */
  public synchronized long taken(K holder) {
    return held.getOrDefault(holder, 0L);
  }

  /** Returns the holder with the largest amount. */
  public synchronized Optional<K> largest() {
    return held.entrySet().stream().max(Map.Entry.comparingByValue()).map(Map.Entry::getKey);
  }

  /** Returns the number of holders with a claim. */
  public synchronized int holders() {
    return held.size();
  }

  private synchronized boolean add(K holder, long amount) {
    if (amount < 0 || refusal(holder, amount).isPresent()) {
      return false;
    }
    taken += amount;
    held.merge(holder, amount, Long::sum);
    return true;
  }

  private synchronized void give(K holder, long amount) {
    taken -= amount;
    held.computeIfPresent(holder, (_, all) -> all == amount ? null : all - amount);
  }

  /** A holder's part of a budget, until it is closed. Thread-safe. */
  public final class Claim implements AutoCloseable {
    private final K holder;
    private long amount; // guarded by this claim
    private boolean closed; // guarded by this claim

    private Claim(K holder, long amount) {
      this.holder = holder;
      this.amount = amount;
    }

    /**
     * Claims more without waiting.
     *
     * @return false if a limit refuses it or this claim is closed; in this case nothing changes
     */
    public synchronized boolean grow(long more) {
      if (closed || !add(holder, more)) {
        return false;
      }
      amount += more;
      return true;
    }

    /** Returns a part of the claim to the budget. */
    public synchronized void shrink(long less) {
      long part = Math.min(less, amount);
      amount -= part;
      give(holder, part);
    }

    /** Returns the whole claim to the budget. Idempotent. */
    @Override
    public synchronized void close() {
      closed = true;
      shrink(amount);
    }
  }
}
