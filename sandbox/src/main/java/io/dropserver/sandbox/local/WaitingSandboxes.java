package io.dropserver.sandbox.local;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sandboxes that wait for an appspace, and the users that they run as. Each is used once.
 * Thread-safe. The caller bounds their number.
 */
final class WaitingSandboxes implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WaitingSandboxes.class);

  /** How long none of an app version is created after a failure. Doubles with each further one. */
  private static final Duration BACKOFF = Duration.ofMinutes(1);

  private static final int MAX_DOUBLINGS = 10;

  /** The failures after which an operator should know. */
  private static final int PERSISTENT = 2;

  private final Factory factory;
  private final ReentrantLock filling = new ReentrantLock();

  // guarded by this, as are all fields below
  private final List<WaitingSandbox> waiting = new ArrayList<>();
  private List<InstalledApp> wanted = List.of();

  /** Users of no sandbox, those that were used last at the end. */
  private final Queue<Integer> uids = new ArrayDeque<>();

  /** By app version, so that a bad one does not affect others. */
  private final Map<InstalledApp, Failures> failures = new HashMap<>();

  private boolean closed;

  /**
   * @param number of failures since a sandbox was used
   * @param retryAt the time of the next attempt, of {@link System#nanoTime}
   */
  private record Failures(int number, long retryAt) {
    boolean isOver() {
      return System.nanoTime() - retryAt >= 0;
    }
  }

  /** Creates sandboxes. */
  interface Factory {
    /**
     * @param removal runs when nothing is left of the sandbox
     * @throws SandboxException when it cannot be created; then {@code removal} has run
     */
    WaitingSandbox create(InstalledApp app, int uid, Runnable removal);
  }

  /**
   * @param firstUid the first of the users that no data belongs to
   * @param uidCount their number; 0 if no sandbox can wait on this machine
   */
  WaitingSandboxes(Factory factory, int firstUid, int uidCount) {
    this.factory = factory;
    for (int uid = firstUid; uid < firstUid + uidCount; uid++) {
      uids.add(uid);
    }
  }

  /**
   * Discards the sandboxes of other app versions, and creates missing ones in turn. Returns at once
   * while another thread creates them.
   *
   * @param apps one element for each sandbox
   * @return the number of sandboxes that wait now
   */
  int keep(List<InstalledApp> apps) {
    want(apps);
    discardSurplus();
    if (filling.tryLock()) {
      try {
        Optional<Missing> missing = missing();
        while (missing.isPresent()) {
          create(missing.get());
          discardSurplus(); // another thread may have changed what is wanted
          missing = missing();
        }
      } finally {
        filling.unlock();
      }
    }
    return size();
  }

  private record Missing(InstalledApp app, int uid) {}

  private synchronized void want(List<InstalledApp> apps) {
    wanted = closed ? List.of() : List.copyOf(apps);
    failures
        .entrySet()
        .removeIf(each -> each.getValue().isOver() && !wanted.contains(each.getKey()));
  }

  private void discardSurplus() {
    surplus().forEach(WaitingSandbox::close);
  }

  private synchronized List<WaitingSandbox> surplus() {
    List<InstalledApp> needed = new ArrayList<>(wanted);
    List<WaitingSandbox> surplus = new ArrayList<>();
    for (WaitingSandbox each : List.copyOf(waiting)) {
      if (!each.isAlive()) {
        failed(each.app(), "a waiting sandbox ended by itself: " + each.lastOutput());
        surplus.add(each);
      } else if (!needed.remove(each.app())) {
        surplus.add(each);
      }
    }
    waiting.removeAll(surplus);
    return surplus;
  }

  /** Reserves a user for the next sandbox that is missing. */
  private synchronized Optional<Missing> missing() {
    List<InstalledApp> needed = new ArrayList<>(wanted);
    waiting.forEach(each -> needed.remove(each.app()));
    needed.removeIf(app -> failures.containsKey(app) && !failures.get(app).isOver());
    return !uids.isEmpty() && !needed.isEmpty()
        ? Optional.of(new Missing(needed.getFirst(), uids.remove()))
        : Optional.empty();
  }

  private void create(Missing missing) {
    try {
      add(factory.create(missing.app(), missing.uid(), () -> release(missing.uid())));
    } catch (SandboxException refused) {
      failed(missing.app(), "no sandbox can wait: " + refused.getMessage());
    }
  }

  private synchronized void add(WaitingSandbox created) {
    waiting.add(created);
  }

  private synchronized void release(int uid) {
    uids.add(uid);
  }

  /** Creates no sandbox of this app version for a while. Starts are ordinary ones meanwhile. */
  synchronized void failed(InstalledApp app, String problem) {
    Failures before = failures.getOrDefault(app, new Failures(0, 0));
    if (before.number() == 0) {
      LOG.info("app {}: {}; its starts take longer for a while", app.app(), problem);
    } else if (before.number() == PERSISTENT) {
      LOG.warn(
          "app {}: {}, repeatedly; its starts take longer; `sandbox.waiting: 0` in the host's"
              + " configuration ends the attempts",
          app.app(),
          problem);
    }
    long wait = BACKOFF.toNanos() << Math.min(before.number(), MAX_DOUBLINGS);
    failures.put(app, new Failures(before.number() + 1, System.nanoTime() + wait));
  }

  /** Records that a sandbox of this app version was used. */
  synchronized void succeeded(InstalledApp app) {
    failures.remove(app);
  }

  /** Removes a sandbox of this app version, which the caller runs or closes. */
  synchronized Optional<WaitingSandbox> take(InstalledApp app) {
    Optional<WaitingSandbox> found =
        waiting.stream().filter(each -> each.app().equals(app) && each.isAlive()).findFirst();
    found.ifPresent(waiting::remove);
    return found;
  }

  synchronized int size() {
    return waiting.size();
  }

  @Override
  public void close() {
    refuse();
    try (var _ = new HeldLock(filling)) { // one that was being created is in the list now
      discardSurplus();
    }
  }

  private synchronized void refuse() {
    closed = true;
    want(List.of());
  }
}
