package io.dropserver.reconciler.forge;

import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.schema.text.UnsafeCharacters;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the result of each revision to the forge in the background. A status that still fails
 * after several attempts is dropped, and so are the oldest when too many are waiting. Thread-safe.
 */
public final class RevisionStatuses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RevisionStatuses.class);
  private static final int MOST_WAITING = 20;
  private static final int REMEMBERED = 200;
  private static final int MOST_ATTEMPTS = 8;

  private final CommitStatuses statuses;
  private final Backoff backoff;

  /** Guards the fields below; never held while waiting for the forge. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Condition changed = lock.newCondition();
  private final Map<String, Verdict> waiting = new LinkedHashMap<>();
  private final Map<String, Verdict> told = new LinkedHashMap<>();
  private boolean closed;
  private Optional<Thread> thread = Optional.empty();

  private record Verdict(boolean good, String description) {}

  public RevisionStatuses(CommitStatuses statuses, Backoff backoff) {
    this.statuses = statuses;
    this.backoff = backoff;
  }

  public RevisionStatuses start() {
    lock.lock();
    try {
      thread = Optional.of(Thread.ofVirtual().name("commit statuses").start(this::loop));
    } finally {
      lock.unlock();
    }
    return this;
  }

  /**
   * Queues a status and returns at once. An unchanged status is not reported again.
   *
   * @param commit 40 hex digits
   * @param said text of any length; for a refused revision, the first problem with file and line
   */
  public void became(String commit, boolean good, String said) {
    String line = UnsafeCharacters.LINE.toSpaces(said);
    int end =
        line.offsetByCodePoints(
            0, Math.min(CommitStatuses.LONGEST - 1, line.codePointCount(0, line.length())));
    Verdict verdict = new Verdict(good, end < line.length() ? line.substring(0, end) + "…" : line);
    lock.lock();
    try {
      Verdict last = waiting.containsKey(commit) ? waiting.get(commit) : told.get(commit);
      if (!verdict.equals(last)) {
        waiting.put(commit, verdict);
        keepNewest(waiting, MOST_WAITING);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private static void keepNewest(Map<String, Verdict> verdicts, int most) {
    if (verdicts.size() > most) {
      verdicts.remove(verdicts.keySet().iterator().next());
    }
  }

  private void loop() {
    int failures = 0;
    while (true) {
      Optional<Entry<String, Verdict>> next = next();
      if (next.isEmpty()) {
        return;
      }
      String commit = next.get().getKey();
      Verdict verdict = next.get().getValue();
      try {
        statuses.set(commit, verdict.good(), verdict.description());
        failures = 0;
        done(commit, verdict);
      } catch (WriteException e) {
        failures++;
        if (failures >= MOST_ATTEMPTS) {
          LOG.warn("the status of {} is not told: {}", commit, e.getMessage());
          failures = 0;
          done(commit, verdict);
        } else {
          pause(e.retryAfter().orElse(backoff.after(failures)));
        }
      }
    }
  }

  /** Blocks until a status is waiting. Empty when closed. */
  private Optional<Entry<String, Verdict>> next() {
    lock.lock();
    try {
      while (!closed && waiting.isEmpty()) {
        changed.awaitUninterruptibly();
      }
      return closed
          ? Optional.empty()
          : Optional.of(
              Map.entry(waiting.keySet().iterator().next(), waiting.values().iterator().next()));
    } finally {
      lock.unlock();
    }
  }

  private void done(String commit, Verdict verdict) {
    lock.lock();
    try {
      waiting.remove(commit, verdict);
      told.put(commit, verdict);
      keepNewest(told, REMEMBERED);
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration time) {
    lock.lock();
    try {
      long left = time.toNanos();
      while (!closed && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Drops the waiting statuses. Does not wait for a running call. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      thread.ifPresent(Thread::interrupt);
    } finally {
      lock.unlock();
    }
  }
}
