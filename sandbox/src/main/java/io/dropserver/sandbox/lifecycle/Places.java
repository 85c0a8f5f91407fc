package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Eviction;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Outcome;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Ticket;
import io.dropserver.state.condition.SandboxReason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Blocks callers until {@link PlaceQueue} grants them a place, and lets {@link RoomMaker} carry its
 * evictions out. While requests wait, a loop applies the rule whenever a place may have become
 * free, and a few times a second. Thread-safe. Its lock is taken after that of {@link
 * SandboxState}.
 */
final class Places implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(50);

  private final Capacity capacity;
  private final RoomMaker roomMaker;
  private final InstantSource clock;
  private final VisitorTime visitorTime = new VisitorTime();
  private final WakeableLoop loop = new WakeableLoop("sandbox-places");
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition decided = lock.newCondition();
  private final PlaceQueue queue; // guarded by lock
  private boolean closed; // guarded by lock

  /** Whether a request waits. Written with the lock held. */
  private volatile boolean waiting;

  Places(Capacity capacity, RoomMaker roomMaker, InstantSource clock) {
    this.capacity = capacity;
    this.roomMaker = roomMaker;
    this.clock = clock;
    this.queue = new PlaceQueue(capacity, visitorTime);
    loop.start(this::decide);
  }

  /** Creates the leases of a run. */
  OpenLeases leases(String appspace) {
    return new OpenLeases(appspace, clock, visitorTime, this::mayBeFree);
  }

  /** A reserved place of an appspace, until it is closed. A sandbox that uses it keeps it. */
  interface Reservation extends AutoCloseable {
    /** Returns whether nothing was reserved, because the place was not needed any more. */
    boolean isUnneeded();

    @Override
    void close();
  }

  /**
   * Takes a place for the sandbox of the appspace, if one is reserved for it, or one is free and no
   * other appspace waits. Never blocks.
   */
  boolean tryTake(SandboxSpec spec) {
    try (var _ = new HeldLock(lock)) {
      return queue.tryTake(spec.appspace(), spec.limits().memoryBytes());
    }
  }

  /** Returns whether {@link #tryTake} would succeed without a reservation. */
  boolean hasRoom(SandboxSpec spec) {
    try (var _ = new HeldLock(lock)) {
      return queue.hasRoom(spec.appspace(), spec.limits().memoryBytes());
    }
  }

  /**
   * Blocks until a place is reserved for the appspace. Sandboxes of other appspaces may fall asleep
   * or stop for it, so the caller holds no lock of an appspace.
   *
   * @param unneeded see {@link PlaceQueue#enter}; called with the lock held
   * @throws SandboxException reason {@code AtCapacity} when no place became free in time or too
   *     many requests wait, {@code MemoryAboveMaximum} when no amount of room would be enough
   */
  Reservation reserve(SandboxSpec spec, LeaseCaller caller, BooleanSupplier unneeded) {
    String appspace = spec.appspace();
    long memoryBytes = spec.limits().memoryBytes();
    if (capacity.isTooLarge(memoryBytes)) {
      throw new SandboxException(
          SandboxReason.MEMORY_ABOVE_MAXIMUM, capacity.tooLarge(appspace, memoryBytes));
    }
    try (var _ = new HeldLock(lock)) {
      Ticket ticket =
          queue
              .enter(appspace, memoryBytes, caller, clock.instant(), unneeded)
              .orElseThrow(() -> atCapacity(appspace, "too many requests wait for a place"));
      @Nullable Ticket unused = ticket;
      try {
        waiting = true;
        loop.wake();
        while (ticket.outcome() == Outcome.WAITING && !closed) {
          decided.await();
        }
        requireNotRefused(ticket);
        unused = null;
        return new Reserved(ticket);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw stops(appspace);
      } finally {
        if (unused != null) {
          leave(unused);
        }
      }
    }
  }

  private final class Reserved implements Reservation {
    private final Ticket ticket;

    Reserved(Ticket ticket) {
      this.ticket = ticket;
    }

    @Override
    public boolean isUnneeded() {
      return ticket.outcome() == Outcome.UNNEEDED;
    }

    @Override
    public void close() {
      leave(ticket);
    }
  }

  /** Requires the lock. */
  private void requireNotRefused(Ticket ticket) {
    if (ticket.outcome() == Outcome.REFUSED) {
      Duration waited = ticket.caller.kind().longestWait();
      throw atCapacity(
          ticket.appspace, "no place became free within %d s".formatted(waited.toSeconds()));
    }
    if (ticket.outcome() == Outcome.WAITING) {
      throw stops(ticket.appspace);
    }
  }

  private SandboxException atCapacity(String appspace, String why) {
    return new SandboxException(
        SandboxReason.AT_CAPACITY,
        ("appspace %s cannot start now: %s are in use, and %s; raise sandbox.maxLive or"
                + " sandbox.maxMemory")
            .formatted(appspace, capacity.limits(), why));
  }

  private static SandboxException stops(String appspace) {
    return new SandboxException(
        SandboxReason.SERVER_STOPS,
        "appspace "
            + appspace
            + " does not start: the server stops, or its caller was interrupted");
  }

  private void leave(Ticket ticket) {
    try (var _ = new HeldLock(lock)) {
      queue.leave(ticket);
      waiting = queue.waiting() > 0;
    }
    mayBeFree();
  }

  /** Counts the memory that a sandbox keeps while it is asleep. */
  void fellAsleep(String appspace, long keptMemoryBytes) {
    capacity.keepAsleep(appspace, keptMemoryBytes);
    mayBeFree();
  }

  /** Releases the place and the memory of a sandbox that has ended. */
  void ended(String appspace) {
    capacity.release(appspace);
    mayBeFree();
  }

  /** Applies the rule soon, if a request waits. Never blocks. */
  private void mayBeFree() {
    if (waiting) {
      loop.wake();
    }
  }

  private Duration decide() {
    if (!waiting) {
      return WakeableLoop.FOREVER;
    }
    List<PlaceQueue.Holder> holders = roomMaker.holders(); // takes the locks of appspaces
    List<Eviction> evictions;
    try (var _ = new HeldLock(lock)) {
      evictions = queue.decide(clock.instant(), holders);
      waiting = queue.waiting() > 0;
      decided.signalAll();
    }
    for (Eviction eviction : evictions) {
      // Separate threads, because a stop may take the whole grace period.
      var _ = Thread.ofVirtual().name("sandbox-room").start(() -> carryOut(eviction));
    }
    return TICK;
  }

  private void carryOut(Eviction eviction) {
    try {
      roomMaker.carryOut(eviction);
    } finally {
      try (var _ = new HeldLock(lock)) {
        queue.left(eviction);
      }
      mayBeFree();
    }
  }

  /** Returns the number of requests that wait. */
  int waiting() {
    try (var _ = new HeldLock(lock)) {
      return queue.waiting();
    }
  }

  /** Refuses all requests that wait, and later ones. */
  @Override
  public void close() {
    try (var _ = new HeldLock(lock)) {
      closed = true;
      decided.signalAll();
    }
    loop.close();
  }
}
