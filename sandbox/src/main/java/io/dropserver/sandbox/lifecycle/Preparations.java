package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Prepares the next starts of stopped appspaces, those that were used last first. A preparation
 * that fails changes nothing: the next start is an ordinary one. Thread-safe.
 */
final class Preparations {
  private static final Logger LOG = LoggerFactory.getLogger(Preparations.class);

  /** More than the memory of the waiting processes of one prepared sandbox. */
  static final long MEMORY_BYTES = 2L << 20;

  private final SandboxHost host;
  private final Capacity capacity;
  private final int most;
  private final AtomicBoolean busy = new AtomicBoolean();

  /** The names of the appspaces with a prepared start. */
  private final Set<String> prepared = ConcurrentHashMap.newKeySet();

  /**
   * @param most the number of appspaces whose start is prepared at one time
   */
  Preparations(SandboxHost host, Capacity capacity, int most) {
    this.host = host;
    this.capacity = capacity;
    this.most = most;
  }

  /**
   * Starts a thread that prepares the starts of the appspaces that were used last, and discards
   * those of other stopped appspaces. Does nothing while such a thread runs.
   */
  void refresh(Collection<AppspaceSandbox> appspaces) {
    if (most > 0 && busy.compareAndSet(false, true)) {
      var _ =
          Thread.ofVirtual()
              .name("sandbox-prepare")
              .start(
                  () -> {
                    try {
                      refreshNow(appspaces);
                    } finally {
                      busy.set(false);
                    }
                  });
    }
  }

  private void refreshNow(Collection<AppspaceSandbox> appspaces) {
    Map<AppspaceSandbox, Instant> stopped = new ConcurrentHashMap<>();
    appspaces.forEach(each -> each.stoppedWithLastUse().ifPresent(use -> stopped.put(each, use)));
    List<AppspaceSandbox> wanted =
        stopped.entrySet().stream()
            .sorted(Map.Entry.<AppspaceSandbox, Instant>comparingByValue(Comparator.reverseOrder()))
            .limit(most)
            .map(Map.Entry::getKey)
            .toList();
    Set<String> names = wanted.stream().map(AppspaceSandbox::name).collect(Collectors.toSet());
    // An appspace that is being started keeps what was prepared for it.
    Set<String> unwanted =
        stopped.keySet().stream().map(AppspaceSandbox::name).collect(Collectors.toSet());
    unwanted.removeAll(names);
    host.discardPrepared(spec -> unwanted.contains(spec.appspace()));
    for (AppspaceSandbox each : wanted) {
      if (!prepared.contains(each.name())) {
        each.work().prepare(this::prepare);
      }
    }
  }

  /** Returns false if the spec cannot be prepared, now and later. */
  private boolean prepare(SandboxSpec spec) {
    String name = spec.appspace();
    prepared.add(name); // first, so that a start that lacks the reserved memory finds it
    if (!capacity.keepPrepared(name, MEMORY_BYTES)) {
      prepared.remove(name);
      return true;
    }
    try {
      return host.prepare(spec, () -> ended(name));
    } catch (RuntimeException failed) {
      LOG.warn("appspace {}: its next start is not prepared: {}", name, failed.getMessage());
      return false;
    }
  }

  private void ended(String name) {
    prepared.remove(name);
    var _ = capacity.releasePrepared(name);
  }

  /** Discards what is prepared for the appspace. */
  void discard(String appspace) {
    if (most > 0) {
      host.discardPrepared(spec -> spec.appspace().equals(appspace));
    }
  }

  /** Discards everything that is prepared. Returns whether that released memory. */
  boolean discardAll() {
    return discardAll(_ -> true);
  }

  /** Like {@link #discardAll()}, except for one appspace, which is about to use it. */
  boolean discardAllBut(String appspace) {
    return discardAll(name -> !name.equals(appspace));
  }

  /** Also releases the memory of one that is still being prepared, so that no caller waits. */
  private boolean discardAll(Predicate<String> affected) {
    boolean any = false;
    for (String name : prepared) {
      any |= affected.test(name) && capacity.releasePrepared(name);
    }
    host.discardPrepared(spec -> affected.test(spec.appspace()));
    return any;
  }
}
