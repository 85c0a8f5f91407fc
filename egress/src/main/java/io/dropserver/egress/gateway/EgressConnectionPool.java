package io.dropserver.egress.gateway;

import io.dropserver.base.budget.Budget;
import io.dropserver.egress.Destination;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The idle connections of one appspace to its destinations, most recently used first. They are
 * never shared with another appspace, and are dropped when the policy changes. Thread-safe.
 */
final class EgressConnectionPool {
  private static final int MAX_IDLE = 32;
  private static final Duration MAX_AGE = Duration.ofMinutes(5);

  /**
   * The maximum idle time of a connection for a request that cannot be repeated. Few servers close
   * an idle connection sooner.
   */
  private static final Duration MAX_UNUSED_UNREPEATABLE = Duration.ofSeconds(4);

  private static final Duration MAX_UNUSED = Duration.ofSeconds(20);

  private final Supplier<Optional<Budget<String>.Claim>> slots;
  private final Consumer<Budget<String>.Claim> release;
  private final Deque<Idle> idle = new ArrayDeque<>(); // guarded by this
  private long generation; // guarded by this

  /**
   * A connection to a destination.
   *
   * @param bornNanos start of the connection; its age is limited, because the addresses of a name
   *     change
   * @param generation of the policy that allowed it
   */
  record Upstream(
      BufferedConnection connection,
      String origin,
      long bornNanos,
      long generation,
      boolean reused) {}

  private record Idle(Upstream upstream, long sinceNanos, Budget<String>.Claim slot) {}

  /**
   * @param slots supplies a slot for an idle connection; empty at a limit
   */
  EgressConnectionPool(
      Supplier<Optional<Budget<String>.Claim>> slots, Consumer<Budget<String>.Claim> release) {
    this.slots = slots;
    this.release = release;
  }

  synchronized long generation() {
    return generation;
  }

  /**
   * Removes and returns an idle connection to the destination.
   *
   * @param repeatable whether the request can be sent again if the connection turns out to be
   *     closed
   */
  synchronized Optional<Upstream> take(Destination destination, boolean repeatable) {
    expire();
    long now = System.nanoTime();
    long limit = repeatable ? MAX_UNUSED.toNanos() : MAX_UNUSED_UNREPEATABLE.toNanos();
    String origin = destination.origin();
    for (Iterator<Idle> each = idle.iterator(); each.hasNext(); ) {
      Idle candidate = each.next();
      if (candidate.upstream().origin().equals(origin) && now - candidate.sinceNanos() < limit) {
        each.remove();
        release.accept(candidate.slot());
        Upstream found = candidate.upstream();
        return Optional.of(
            new Upstream(found.connection(), origin, found.bornNanos(), found.generation(), true));
      }
    }
    return Optional.empty();
  }

  synchronized void giveBack(Upstream upstream) {
    boolean old = System.nanoTime() - upstream.bornNanos() > MAX_AGE.toNanos();
    boolean usable =
        !old
            && upstream.generation() == generation
            && !upstream.connection().received().hasRemaining();
    Optional<Budget<String>.Claim> slot = usable ? slots.get() : Optional.empty();
    if (slot.isEmpty()) {
      upstream.connection().close();
      return;
    }
    upstream.connection().setIdleTimeout(MAX_UNUSED);
    idle.addFirst(new Idle(upstream, System.nanoTime(), slot.get()));
    if (idle.size() > MAX_IDLE) {
      close(idle.removeLast());
    }
  }

  private void close(Idle unused) {
    unused.upstream().connection().close();
    release.accept(unused.slot());
  }

  /** Closes the least recently used idle connection. Returns false if no connection is idle. */
  synchronized boolean dropOldest() {
    Idle oldest = idle.pollLast();
    if (oldest != null) {
      close(oldest);
    }
    return oldest != null;
  }

  synchronized void expire() {
    long now = System.nanoTime();
    while (!idle.isEmpty() && now - idle.getLast().sinceNanos() > MAX_UNUSED.toNanos()) {
      close(idle.removeLast());
    }
  }

  /** Drops all idle connections. Connections in use are closed when they are given back. */
  synchronized void dropAll() {
    generation++;
    idle.forEach(this::close);
    idle.clear();
  }
}
