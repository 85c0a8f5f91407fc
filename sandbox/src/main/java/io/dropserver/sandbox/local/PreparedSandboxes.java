package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The sandboxes that wait for the next start of their appspace. A waiting sandbox is bound to its
 * spec, which contains everything that a start uses and that can change while the server runs. A
 * start with any other spec discards it.
 *
 * <p>Thread-safe. The number of waiting sandboxes is bounded by the caller.
 */
final class PreparedSandboxes implements AutoCloseable {
  // guarded by this, as are all fields below; by appspace
  private final Map<String, Prepared> waiting = new HashMap<>();
  private boolean closed;

  private record Prepared(SandboxSpec spec, WaitingSandbox sandbox, Runnable ended) {
    void discard() {
      try {
        sandbox.close();
      } finally {
        ended.run();
      }
    }
  }

  /**
   * Adds a sandbox. Another one of the same appspace is discarded.
   *
   * @param ended runs when the sandbox was taken or discarded
   */
  void add(SandboxSpec spec, WaitingSandbox sandbox, Runnable ended) {
    Prepared added = new Prepared(spec, sandbox, ended);
    put(added).ifPresent(Prepared::discard);
  }

  /** Returns what is to be discarded: the previous one, or after the close the new one. */
  private synchronized Optional<Prepared> put(Prepared added) {
    return closed
        ? Optional.of(added)
        : Optional.ofNullable(waiting.put(added.spec().appspace(), added));
  }

  /**
   * Removes the sandbox of an appspace.
   *
   * @return empty if there is none that lives and was prepared for an equal spec; what was prepared
   *     for another spec is discarded
   */
  Optional<WaitingSandbox> take(SandboxSpec spec) {
    Optional<Prepared> found = remove(spec.appspace());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Prepared prepared = found.get();
    if (!prepared.spec().equals(spec) || !prepared.sandbox().isAlive()) {
      prepared.discard();
      return Optional.empty();
    }
    prepared.ended().run();
    return Optional.of(prepared.sandbox());
  }

  private synchronized Optional<Prepared> remove(String appspace) {
    return Optional.ofNullable(waiting.remove(appspace));
  }

  /**
   * Discards the sandboxes of these specs. Blocks until no process of them is left.
   *
   * @throws RuntimeException the first failure, after all others were discarded
   */
  void discard(Predicate<SandboxSpec> affected) {
    Optional<RuntimeException> failure = Optional.empty();
    for (Prepared prepared : removeAll(affected)) {
      try {
        prepared.discard();
      } catch (RuntimeException e) {
        failure = failure.or(() -> Optional.of(e));
      }
    }
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private synchronized List<Prepared> removeAll(Predicate<SandboxSpec> affected) {
    List<Prepared> removed = new ArrayList<>();
    Iterator<Prepared> all = waiting.values().iterator();
    while (all.hasNext()) {
      Prepared prepared = all.next();
      if (affected.test(prepared.spec())) {
        all.remove();
        removed.add(prepared);
      }
    }
    return removed;
  }

  synchronized int size() {
    return waiting.size();
  }

  /** Discards all, and those that are added later. */
  @Override
  public void close() {
    refuse();
    discard(_ -> true);
  }

  private synchronized void refuse() {
    closed = true;
  }
}
