package io.dropserver.reconciler.forge;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.base.text.ShortText;
import io.dropserver.base.text.UnsafeCharacters;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.WriteException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the result of each revision to the forge in the background. Drops a status after several
 * failed attempts, and the oldest statuses when too many are queued. Thread-safe.
 */
public final class CommitStatusReporter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CommitStatusReporter.class);
  private static final int MOST_WAITING = 20;
  private static final int REMEMBERED = 200;
  private static final int MOST_ATTEMPTS = 8;

  private final CommitStatuses statuses;
  private final Backoff backoff;
  private final WakeableLoop loop = new WakeableLoop("commit statuses");
  private int failures; // accessed only by the loop's thread

  /** Guards both maps with its monitor, which is never held during a call to the forge. */
  private final Map<String, Verdict> waiting = new LinkedHashMap<>();

  private final Map<String, Verdict> reported = new LinkedHashMap<>();

  private record Verdict(boolean good, String description) {}

  public CommitStatusReporter(CommitStatuses statuses, Backoff backoff) {
    this.statuses = statuses;
    this.backoff = backoff;
  }

  public CommitStatusReporter start() {
    var _ = loop.start(this::sendNext);
    return this;
  }

  /**
   * Queues a status without blocking. An unchanged status is not reported again.
   *
   * @param commit 40 hex digits
   * @param message description of any length; for a refused revision, the first problem with file
   *     and line
   */
  public void report(String commit, boolean good, String message) {
    String line = UnsafeCharacters.LINE.toSpaces(message);
    Verdict verdict = new Verdict(good, ShortText.of(line, CommitStatuses.MAX_LENGTH));
    synchronized (waiting) {
      Verdict last = waiting.containsKey(commit) ? waiting.get(commit) : reported.get(commit);
      if (verdict.equals(last)) {
        return;
      }
      waiting.put(commit, verdict);
      keepNewest(waiting, MOST_WAITING);
    }
    loop.wake();
  }

  private static void keepNewest(Map<String, Verdict> verdicts, int most) {
    if (verdicts.size() > most) {
      verdicts.remove(verdicts.keySet().iterator().next());
    }
  }

  private Duration sendNext() throws InterruptedException {
    Optional<Entry<String, Verdict>> next = next();
    if (next.isEmpty()) {
      return WakeableLoop.FOREVER;
    }
    String commit = next.get().getKey();
    Verdict verdict = next.get().getValue();
    try {
      statuses.set(commit, verdict.good(), verdict.description());
      done(commit, verdict);
    } catch (WriteException e) {
      failures++;
      if (failures >= MOST_ATTEMPTS) {
        LOG.warn("the status of {} could not be reported: {}", commit, e.getMessage());
        done(commit, verdict);
      } else {
        // A new status does not interrupt this wait, because the forge may have requested the
        // delay.
        Thread.sleep(e.retryAfter().orElse(backoff.after(failures)));
      }
    }
    return Duration.ZERO;
  }

  private Optional<Entry<String, Verdict>> next() {
    synchronized (waiting) {
      return waiting.entrySet().stream().findFirst().map(Entry::copyOf);
    }
  }

  private void done(String commit, Verdict verdict) {
    failures = 0;
    synchronized (waiting) {
      waiting.remove(commit, verdict);
      reported.put(commit, verdict);
      keepNewest(reported, REMEMBERED);
    }
  }

  /** Discards the queued statuses and interrupts a running call. */
  @Override
  public void close() {
    loop.close();
  }
}
