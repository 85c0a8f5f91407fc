package io.dropserver.base.budget;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Schedules the CPU time of relays: loops on virtual threads that move bytes for an appspace.
 *
 * <p>The JVM does not preempt virtual threads. A relay whose reads always find data never blocks
 * and so occupies its carrier thread. {@link Thread#yield} does not help, because a carrier runs
 * its local queue to the end before it polls tasks that selectors and pollers submit from outside.
 * So each relay accounts for its work. Each holder has a free quota. Beyond it, a relay needs a
 * time slice. Few slices run at a time, and they rotate among holders. A platform thread grants
 * them: a virtual thread that a platform thread unparks is submitted from outside and queues behind
 * all others.
 *
 * <p>Thread-safe.
 */
public final class RelayScheduler {
  /**
   * The scheduler for all relays of this process, because its virtual threads share one set of
   * carrier threads.
   */
  public static final RelayScheduler PROCESS =
      new RelayScheduler(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));

  static final long SLICE_NANOS = 1_000_000;

  /** The free quota of each holder: a burst, and a rate per second. */
  static final long BURST_NANOS = 5_000_000;

  static final long NANOS_PER_SECOND = 50_000_000;

  private static final long OPERATION_NANOS = 20_000;
  private static final long BYTE_NANOS = 1;

  /** The interval at which the dispatcher checks whether a relay with a slice is blocked on I/O. */
  private static final long TICK_NANOS = 100_000;

  private final int slices;
  private final Map<String, TokenBucket> quotas = new ConcurrentHashMap<>();
  private final Map<String, ArrayDeque<Relay>> waiting = new LinkedHashMap<>(); // guarded by itself
  private @Nullable Thread dispatcher; // guarded by waiting

  /**
   * @param slices the number of slices that run at a time
   */
  RelayScheduler(int slices) {
    this.slices = slices;
  }

  /**
   * Creates a relay for this holder.
   *
   * @param holder from a bounded set, such as the names of appspaces
   */
  public Relay relay(String holder) {
    TokenBucket quota =
        quotas.computeIfAbsent(holder, _ -> new TokenBucket(BURST_NANOS, NANOS_PER_SECOND));
    return new Relay(holder, quota);
  }

  /** Returns the number of relays that wait for a slice. */
  int waiting() {
    synchronized (waiting) {
      return waiting.values().stream().mapToInt(ArrayDeque::size).sum();
    }
  }

  private void enqueue(Relay relay) {
    synchronized (waiting) {
      waiting.computeIfAbsent(relay.holder, _ -> new ArrayDeque<>()).add(relay);
      if (dispatcher == null) {
        dispatcher = Thread.ofPlatform().daemon().name("relay-slices").start(this::dispatch);
      }
      LockSupport.unpark(dispatcher);
    }
  }

  private void withdraw(Relay relay) {
    synchronized (waiting) {
      waiting.computeIfPresent(
          relay.holder, (_, relays) -> relays.remove(relay) && relays.isEmpty() ? null : relays);
    }
  }

  /** Removes and returns the next relay of the next holder in rotation. */
  @Nullable Relay next() {
    synchronized (waiting) {
      Iterator<Map.Entry<String, ArrayDeque<Relay>>> holders = waiting.entrySet().iterator();
      if (!holders.hasNext()) {
        return null;
      }
      Map.Entry<String, ArrayDeque<Relay>> first = holders.next();
      String holder = first.getKey();
      ArrayDeque<Relay> relays = first.getValue();
      holders.remove();
      Relay relay = relays.remove();
      if (!relays.isEmpty()) {
        waiting.put(holder, relays);
      }
      return relay;
    }
  }

  private void dispatch() {
    List<Relay> running = new ArrayList<>();
    while (true) {
      running.removeIf(relay -> relay.isSliceOver(System.nanoTime()));
      Relay next = running.size() < slices ? next() : null;
      if (next != null) {
        awaitOthers();
        next.grantSlice();
        running.add(next);
      } else if (running.isEmpty()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
    }
  }

  /**
   * Waits until a new virtual thread has run. Carrier threads run submitted tasks in order, so
   * every task that was queued before it has run. This keeps long work off a carrier that is busy
   * with short work.
   */
  private static void awaitOthers() {
    try {
      Thread.ofVirtual().name("relay-slices-last").start(() -> {}).join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the dispatcher is never interrupted", e);
    }
  }

  /** Accounts for the CPU time of one relay. Only the thread of the relay calls it. */
  public final class Relay {
    private final String holder;
    private final TokenBucket quota;
    private volatile @Nullable Thread thread;
    private volatile boolean granted;
    private volatile boolean running;
    private volatile long end;

    private Relay(String holder, TokenBucket quota) {
      this.holder = holder;
      this.quota = quota;
    }

    /**
     * Accounts for a read or write of this many bytes and for the cost of the other side of the
     * relay. May wait like {@link #recordWork}.
     *
     * @param parsingNanos an estimate of additional CPU time
     */
    public void recordTransfer(long bytes, long parsingNanos) {
      recordWork(OPERATION_NANOS + bytes * BYTE_NANOS + parsingNanos);
    }

    /**
     * Accounts for completed work, and waits while other relays take precedence. An interrupt ends
     * the wait; in this case the caller's next read or write fails.
     *
     * @param nanos an estimate of the CPU time
     */
    public void recordWork(long nanos) {
      if (quota.take((double) nanos) || (running && System.nanoTime() - end < 0)) {
        return;
      }
      running = false;
      granted = false;
      thread = Thread.currentThread();
      enqueue(this);
      while (!granted) {
        LockSupport.park(RelayScheduler.this);
        if (Thread.currentThread().isInterrupted()) {
          withdraw(this);
          return;
        }
      }
    }

    String holder() {
      return holder;
    }

    private void grantSlice() {
      end = System.nanoTime() + SLICE_NANOS;
      running = true;
      granted = true;
      LockSupport.unpark(thread);
    }

    /**
     * Returns whether the slice has ended. A relay that blocks on I/O loses the rest of its slice
     * while other relays wait.
     */
    private boolean isSliceOver(long now) {
      Thread of = thread;
      boolean waits = of == null || of.getState() != Thread.State.RUNNABLE;
      if (running && (now - end >= 0 || (waits && waiting() > 0))) {
        running = false;
      }
      return !running;
    }
  }
}
