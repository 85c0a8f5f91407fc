package io.dropserver.web.upstream;

import io.dropserver.base.concurrent.WakeableLoop;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Pools the connections to all apps, and enforces their timeouts. Thread-safe. */
public final class UpstreamPool implements AutoCloseable {
  /** The precision of timeouts. */
  static final Duration TICK = Duration.ofMillis(100);

  private static final int MAX_IDLE_PER_APPSPACE = 64;
  private static final Duration MAX_IDLE = Duration.ofSeconds(15);

  private final ConcurrentHashMap<String, Idle> idle = new ConcurrentHashMap<>();
  private final Set<UpstreamConnection> open = ConcurrentHashMap.newKeySet();
  private final WakeableLoop deadlines;
  private long ticks; // only the loop uses it

  public UpstreamPool() {
    deadlines = new WakeableLoop("upstream-deadlines").start(this::checkDeadlines);
  }

  /**
   * Returns an idle or a new connection to the app's process.
   *
   * @param generation the generation of the process; idle connections to other processes are closed
   * @param fresh whether to open a new connection, for a request that cannot be repeated if the app
   *     has closed an idle connection
   */
  public UpstreamConnection acquire(
      String appspace, UnixDomainSocketAddress address, long generation, boolean fresh)
      throws UpstreamException {
    if (!fresh) {
      UpstreamConnection kept = idleOf(appspace).take(generation);
      if (kept != null) {
        kept.markReused();
        return kept;
      }
    }
    UpstreamConnection made = new UpstreamConnection(this, appspace, generation, address);
    open.add(made);
    return made;
  }

  void release(UpstreamConnection connection) {
    connection.idleSinceNanos = System.nanoTime();
    if (!connection.isOpen() || !idleOf(connection.appspace).put(connection)) {
      connection.close();
    }
  }

  void forget(UpstreamConnection connection) {
    open.remove(connection);
  }

  /** Closes the idle connections to an appspace. Requests in flight continue. */
  public void closeIdle(String appspace) {
    Idle connections = idle.remove(appspace);
    if (connections != null) {
      connections.olderThan(Long.MAX_VALUE).forEach(UpstreamConnection::close);
    }
  }

  private Idle idleOf(String appspace) {
    Idle known = idle.get(appspace); // computeIfAbsent alone would lock on every request
    return known != null ? known : idle.computeIfAbsent(appspace, _ -> new Idle());
  }

  private Duration checkDeadlines() {
    long now = System.nanoTime();
    open.forEach(connection -> connection.closeIfExpired(now));
    if (ticks++ % 50 == 0) {
      long before = now - MAX_IDLE.toNanos();
      idle.values().forEach(each -> each.olderThan(before).forEach(UpstreamConnection::close));
    }
    return TICK;
  }

  @Override
  public void close() {
    deadlines.close();
    open.forEach(UpstreamConnection::close);
  }

  /** The idle connections of one appspace, most recently used first. */
  private static final class Idle {
    private final ArrayDeque<UpstreamConnection> connections =
        new ArrayDeque<>(); // guarded by this

    @Nullable UpstreamConnection take(long generation) {
      List<UpstreamConnection> outdated = new ArrayList<>(0);
      UpstreamConnection found = null;
      synchronized (this) {
        while (found == null && !connections.isEmpty()) {
          UpstreamConnection next = connections.removeFirst();
          if (next.generation == generation && next.isOpen()) {
            found = next;
          } else {
            outdated.add(next);
          }
        }
      }
      outdated.forEach(UpstreamConnection::close);
      return found;
    }

    synchronized boolean put(UpstreamConnection connection) {
      if (connections.size() >= MAX_IDLE_PER_APPSPACE) {
        return false;
      }
      connections.addFirst(connection);
      return true;
    }

    synchronized List<UpstreamConnection> olderThan(long nanos) {
      List<UpstreamConnection> old = new ArrayList<>();
      while (!connections.isEmpty()
          && (nanos == Long.MAX_VALUE || connections.peekLast().idleSinceNanos - nanos < 0)) {
        old.add(connections.removeLast());
      }
      return old;
    }
  }
}
