package io.dropserver.web.upstream;

import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Connections to apps: kept open between requests, and closed when their time is over. Safe for use
 * by several threads.
 */
public final class UpstreamPool implements AutoCloseable {
  /** How exactly deadlines are kept. */
  static final Duration TICK = Duration.ofMillis(100);

  private static final int MAX_IDLE_PER_APPSPACE = 64;
  private static final Duration MAX_IDLE = Duration.ofSeconds(15);

  private final ConcurrentHashMap<String, Idle> idle = new ConcurrentHashMap<>();
  private final Set<UpstreamConnection> open = ConcurrentHashMap.newKeySet();
  private final Thread clock;

  public UpstreamPool() {
    clock = Thread.ofVirtual().name("upstream-deadlines").start(this::watchDeadlines);
  }

  /**
   * A connection to the process of this generation.
   *
   * @param fresh a new one, for a request that must not fail because an old one was closed
   */
  public UpstreamConnection acquire(
      String appspace, UnixDomainSocketAddress address, long generation, boolean fresh)
      throws UpstreamException {
    if (!fresh) {
      UpstreamConnection kept = idleOf(appspace).take(generation);
      if (kept != null) {
        kept.reuse();
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

  /** Closes what is idle; requests in flight go on. */
  public void closeIdle(String appspace) {
    Idle connections = idle.remove(appspace);
    if (connections != null) {
      connections.olderThan(Long.MAX_VALUE).forEach(UpstreamConnection::close);
    }
  }

  /** How many connections there are, idle or not. */
  public int size() {
    return open.size();
  }

  private Idle idleOf(String appspace) {
    Idle known = idle.get(appspace); // computeIfAbsent alone locks on every request
    return known != null ? known : idle.computeIfAbsent(appspace, _ -> new Idle());
  }

  private void watchDeadlines() {
    try {
      for (long tick = 0; ; tick++) {
        Thread.sleep(TICK);
        long now = System.nanoTime();
        for (UpstreamConnection connection : open) {
          connection.expire(now);
        }
        if (tick % 50 == 0) {
          closeIdleSince(now - MAX_IDLE.toNanos());
        }
      }
    } catch (InterruptedException e) {
      // closed
    }
  }

  private void closeIdleSince(long nanos) {
    for (Idle connections : idle.values()) {
      connections.olderThan(nanos).forEach(UpstreamConnection::close);
    }
  }

  @Override
  public void close() {
    clock.interrupt();
    open.forEach(UpstreamConnection::close);
  }

  /** The idle connections of one appspace, the last used first. */
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
