package io.dropserver.base.concurrent;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a body repeatedly on a dedicated virtual thread: after the delay that the body returns, or
 * earlier if {@link #wake} is called. {@link #wake} may be called before {@link #start}, so that
 * the loop can be created before the objects that its body needs. Thread-safe.
 */
public final class WakeableLoop implements AutoCloseable {
  /** As a delay, lasts until {@link #wake} is called. As a grace period, never ends. */
  public static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

  private static final Logger LOG = LoggerFactory.getLogger(WakeableLoop.class);
  private static final Duration AFTER_EXCEPTION = Duration.ofMinutes(1);

  /** Set before the thread starts. */
  private Body body = () -> FOREVER;

  private final Thread thread;

  /** Contains an element if {@link #wake} was called after the last run began. */
  private final BlockingQueue<Boolean> woken = new ArrayBlockingQueue<>(1);

  private volatile boolean closed;

  /** One run of the loop. Runs never overlap. */
  @FunctionalInterface
  public interface Body {
    /**
     * Runs once. Returns the delay until the next run, which {@link #wake} shortens. After a {@link
     * RuntimeException}, the delay is one minute.
     *
     * @throws InterruptedException when the loop is closed
     */
    Duration run() throws InterruptedException;
  }

  /**
   * @param name the name of the thread
   */
  public WakeableLoop(String name) {
    this.thread = Thread.ofVirtual().name(name).unstarted(this::loop);
  }

  /** Starts the thread, which begins the first run immediately. Must be called at most once. */
  public WakeableLoop start(Body repeated) {
    body = repeated;
    thread.start();
    return this;
  }

  /**
   * Requests a run that begins after this call. Never blocks. Calls before that run begins are
   * coalesced.
   */
  public void wake() {
    woken.offer(true);
  }

  /** Interrupts the current run and blocks until it has ended. No further run begins. */
  @Override
  public void close() {
    closed = true;
    wake(); // a body may swallow the interrupt
    thread.interrupt();
    join(FOREVER);
  }

  /**
   * Blocks until the current run has ended. Interrupts it after {@code grace}, or when the caller
   * is interrupted, and then does not wait for its end. No further run begins.
   */
  public void closeAfter(Duration grace) {
    closed = true;
    wake();
    if (!join(grace)) {
      thread.interrupt();
    }
  }

  private boolean join(Duration longest) {
    return thread.getState() == Thread.State.NEW || Threads.join(thread, longest);
  }

  private void loop() {
    try {
      while (true) {
        // The next run sees everything that preceded the earlier calls of wake().
        woken.clear();
        if (closed) {
          return;
        }
        Duration delay = run();
        woken.poll(TimeUnit.NANOSECONDS.convert(delay), TimeUnit.NANOSECONDS);
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    }
  }

  private Duration run() throws InterruptedException {
    try {
      return body.run();
    } catch (RuntimeException e) {
      if (!closed) {
        LOG.error("{} ended unexpectedly; retrying in a minute", thread.getName(), e);
      }
      return AFTER_EXCEPTION;
    }
  }
}
