package io.dropserver.egress.gateway;

import io.dropserver.base.budget.Budget;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Resolves names on dedicated platform threads, because getaddrinfo(3) blocks its thread and would
 * block the carrier of a virtual thread. Each appspace has a share of the threads, so that a name
 * server that never answers delays only the lookups of that appspace. Concurrent lookups of a name
 * share one resolver call within an appspace. Appspaces share nothing, because the response time
 * would reveal the names that another appspace looked up. Thread-safe.
 */
final class DnsLookups implements AutoCloseable {
  static final int THREADS = 128;
  static final int THREADS_PER_APPSPACE = 4;

  /** The number of failed lookups that are cached for each appspace. */
  static final int FAILURES_PER_APPSPACE = 128;

  /**
   * The timeout of a lookup, after which its callers fail. Its thread stays blocked in
   * getaddrinfo(3).
   */
  static final Duration DEADLINE = Duration.ofSeconds(10);

  /** How long the failed lookup of a name is cached. */
  static final Duration FAILED_FOR = Duration.ofSeconds(5);

  private final Resolver resolver;
  private final Duration deadline;
  private final Duration failedFor;
  private final Budget<String> threads = new Budget<>(THREADS, THREADS_PER_APPSPACE);
  private final ExecutorService pool =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("look-up-", 0).factory());
  private final Map<Name, LookUp> pending = new HashMap<>(); // guarded by this
  private final Set<LookUp> waiting = new LinkedHashSet<>(); // guarded by this
  private final Map<String, Map<String, Long>> failures = new HashMap<>(); // guarded by this

  private record Name(String appspace, String name) {}

  private static final class LookUp {
    final Name name;
    final CompletableFuture<List<InetAddress>> result = new CompletableFuture<>();
    int callers;
    boolean started;
    long sinceNanos;

    LookUp(Name name) {
      this.name = name;
    }
  }

  DnsLookups(Resolver resolver) {
    this(resolver, DEADLINE, FAILED_FOR);
  }

  DnsLookups(Resolver resolver, Duration deadline, Duration failedFor) {
    this.resolver = resolver;
    this.deadline = deadline;
    this.failedFor = failedFor;
  }

  /**
   * Resolves a name, and blocks until the result or the deadline.
   *
   * @param name lower case, without a trailing dot, not a literal address
   * @param endNanos the caller's deadline, as {@link System#nanoTime}
   * @throws UnknownHostException when the name has no address, or a failed lookup is cached
   * @throws TimeoutException when there is no result before the deadline
   */
  List<InetAddress> resolve(String appspace, String name, long endNanos)
      throws UnknownHostException, TimeoutException {
    LookUp lookUp = join(new Name(appspace, name));
    try {
      return lookUp.result.get(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw new UnknownHostException(name);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TimeoutException("interrupted");
    } finally {
      leave(lookUp);
    }
  }

  private synchronized LookUp join(Name name) throws UnknownHostException, TimeoutException {
    if (failedRecently(name)) {
      throw new UnknownHostException(name.name());
    }
    LookUp lookUp = pending.computeIfAbsent(name, LookUp::new);
    if (lookUp.started && System.nanoTime() - lookUp.sinceNanos > deadline.toNanos()) {
      throw new TimeoutException(
          "an earlier look-up of this name is still waiting for the name servers");
    }
    lookUp.callers++;
    if (!lookUp.started && !start(lookUp)) {
      waiting.add(lookUp);
    }
    return lookUp;
  }

  /**
   * Unregisters a caller of a lookup. A lookup that has not started is cancelled when its last
   * caller leaves.
   */
  private synchronized void leave(LookUp lookUp) {
    lookUp.callers--;
    if (lookUp.callers == 0 && waiting.remove(lookUp)) {
      pending.remove(lookUp.name);
    }
  }

  /** Starts a lookup. Returns false if all threads, or all threads of this appspace, are in use. */
  private synchronized boolean start(LookUp lookUp) {
    Optional<Budget<String>.Claim> thread = threads.claim(lookUp.name.appspace(), 1);
    if (thread.isEmpty()) {
      return false;
    }
    lookUp.started = true;
    lookUp.sinceNanos = System.nanoTime();
    pool.execute(() -> run(lookUp, thread.get()));
    return true;
  }

  private void run(LookUp lookUp, Budget<String>.Claim thread) {
    try {
      List<InetAddress> found = resolver.resolve(lookUp.name.name());
      complete(lookUp, thread, false);
      lookUp.result.complete(found);
    } catch (UnknownHostException | RuntimeException e) {
      complete(lookUp, thread, true);
      lookUp.result.completeExceptionally(e);
    }
  }

  private synchronized void complete(LookUp lookUp, Budget<String>.Claim thread, boolean failed) {
    pending.remove(lookUp.name);
    thread.close();
    if (failed) {
      failures
          .computeIfAbsent(lookUp.name.appspace(), appspace -> new Failures())
          .put(lookUp.name.name(), System.nanoTime());
    }
    for (Iterator<LookUp> each = waiting.iterator();
        each.hasNext() && threads.taken() < THREADS; ) {
      if (start(each.next())) {
        each.remove();
      }
    }
  }

  private synchronized boolean failedRecently(Name name) {
    Map<String, Long> known = failures.get(name.appspace());
    Long since = known == null ? null : known.get(name.name());
    return since != null && System.nanoTime() - since < failedFor.toNanos();
  }

  /** The most recent failures of one appspace. */
  private static final class Failures extends LinkedHashMap<String, Long> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
      return size() > FAILURES_PER_APPSPACE;
    }
  }

  synchronized void forget(String appspace) {
    failures.remove(appspace);
  }

  /** Returns the number of threads that run a lookup. */
  long running() {
    return threads.taken();
  }

  /** Returns the number of cached failures of one appspace. */
  synchronized int failures(String appspace) {
    return failures.getOrDefault(appspace, Map.of()).size();
  }

  @Override
  public void close() {
    pool.shutdownNow();
  }
}
