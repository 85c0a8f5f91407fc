package io.dropserver.sandbox.budget;

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
 * Shares the processor time of relays: loops on virtual threads that move bytes for an appspace.
 *
 * <p>The JVM does not preempt virtual threads. A relay whose reads always find data never waits and
 * holds its carrier; {@link Thread#yield} does not help, because a carrier runs its local queue to
 * the end before it looks at what selectors and pollers submit from outside. So each relay accounts
 * for its work. Each holder has a quota that is free. Beyond it a relay needs a time slice; few
 * slices run at a time, and holders get them in rotation. A platform thread hands them out: a
 * virtual thread that it unparks is submitted from outside and queues behind all others.
 *
 * <p>Thread-safe.
 */
public final class RelayScheduler {
  /** Of all relays of this process, whose virtual threads share one set of carriers. */
  public static final RelayScheduler PROCESS =
      new RelayScheduler(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));

  static final long SLICE_NANOS = 1_000_000;

  /** Free for each holder at once, and in each second. */
  static final long BURST_NANOS = 5_000_000;

  static final long NANOS_PER_SECOND = 50_000_000;

  private static final long OPERATION_NANOS = 20_000;
  private static final long BYTE_NANOS = 1;

  /** How often the dispatcher looks whether a relay with a slice waits for input or output. */
  private static final long TICK_NANOS = 100_000;

  private final int slices;
  private final Map<String, Allowance> quotas = new ConcurrentHashMap<>();
  private final Map<String, ArrayDeque<Relay>> waiting = new LinkedHashMap<>(); // guarded by itself
  private @Nullable Thread dispatcher; // guarded by waiting

  /**
   * @param slices that run at a time
   */
  RelayScheduler(int slices) {
    this.slices = slices;
  }

  /**
   * A relay of this holder.
   *
   * @param holder from a bounded set, such as the names of appspaces
   */
  public Relay relay(String holder) {
    Allowance quota =
        quotas.computeIfAbsent(holder, _ -> new Allowance(BURST_NANOS, NANOS_PER_SECOND));
    return new Relay(holder, quota);
  }

  /** Relays that wait for a slice, now. */
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

  /** The next holder in rotation; its next relay. */
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
      running.removeIf(relay -> relay.over(System.nanoTime()));
      Relay next = running.size() < slices ? next() : null;
      if (next != null) {
        awaitOthers();
        next.begin();
        running.add(next);
      } else if (running.isEmpty()) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, TICK_NANOS);
      }
    }
  }

  /**
   * Carriers run what is submitted in turn: when this thread has run, what waited before it has run
   * too. So a carrier that is busy with short work is not given more of the long work.
   */
  private static void awaitOthers() {
    try {
      Thread.ofVirtual().name("relay-slices-last").start(() -> {}).join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("the dispatcher is never interrupted", e);
    }
  }

  /** One loop on one thread. */
  public final class Relay {
    private final String holder;
    private final Allowance quota;
    private volatile @Nullable Thread thread;
    private volatile boolean granted;
    private volatile boolean running;
    private volatile long end;

    private Relay(String holder, Allowance quota) {
      this.holder = holder;
      this.quota = quota;
    }

    /**
     * Accounts for a read or a write that moved so many bytes, and for what the other side of the
     * relay costs. Waits as {@link #worked}.
     *
     * @param parsingNanos of processor time beside, estimated
     */
    public void moved(long bytes, long parsingNanos) {
      worked(OPERATION_NANOS + bytes * BYTE_NANOS + parsingNanos);
    }

    /**
     * Accounts for work that was done, and waits while others come first. An interrupt ends the
     * wait; the caller's next read or write fails then.
     *
     * @param nanos of processor time, estimated
     */
    public void worked(long nanos) {
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

    private void begin() {
      end = System.nanoTime() + SLICE_NANOS;
      running = true;
      granted = true;
      LockSupport.unpark(thread);
    }

    /** A relay that waits for input or output leaves the rest of its slice to others. */
    private boolean over(long now) {
      Thread of = thread;
      boolean waits = of == null || of.getState() != Thread.State.RUNNABLE;
      if (running && (now - end >= 0 || (waits && waiting() > 0))) {
        running = false;
      }
      return !running;
    }
  }
}
