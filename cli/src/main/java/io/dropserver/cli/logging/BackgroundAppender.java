package io.dropserver.cli.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writes log lines on its own thread, in batches of a few milliseconds. A thread switch and a
 * system call for each line would take as much CPU time as the request itself. No line is dropped:
 * if the queue is full, the logging thread blocks. Thread-safe.
 */
final class BackgroundAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
  /** Maximum number of queued lines. The line of a long request has about 30 KiB. */
  private static final int CAPACITY = 4096;

  private static final int BATCH_BYTES = 64 << 10;
  private static final Duration BATCH_DELAY = Duration.ofMillis(20);

  /** Maximum duration of {@link #stop}, because the reader of standard error may be slow. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private final Encoder<ILoggingEvent> encoder;
  private final PrintStream out;
  private final Queue<ILoggingEvent> waiting = new ConcurrentLinkedQueue<>();
  private final Semaphore room = new Semaphore(CAPACITY);
  private volatile boolean asleep;
  private volatile boolean ended;
  private @Nullable Thread writer;

  /**
   * @param encoder must not be shared with other appenders
   */
  BackgroundAppender(Encoder<ILoggingEvent> encoder, PrintStream out) {
    this.encoder = encoder;
    this.out = out;
  }

  @Override
  public void start() {
    writer = Thread.ofPlatform().daemon().name("request-log").start(this::write);
    super.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    room.acquireUninterruptibly();
    waiting.add(event);
    if (asleep) {
      LockSupport.unpark(writer);
    }
  }

  private void write() {
    while (!ended) {
      asleep = true;
      while (waiting.isEmpty() && !ended) {
        LockSupport.park(this);
      }
      asleep = false;
      if (!ended) {
        LockSupport.parkNanos(this, BATCH_DELAY.toNanos());
      }
      writeWaiting();
    }
    writeWaiting();
  }

  private void writeWaiting() {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    int count = 0;
    for (@Nullable ILoggingEvent event = waiting.poll(); event != null; event = waiting.poll()) {
      encode(event, lines);
      count++;
      if (lines.size() >= BATCH_BYTES) {
        flush(lines, count);
        lines.reset();
        count = 0;
      }
    }
    flush(lines, count);
  }

  /**
   * Encodes an event. Reports a failure instead of throwing it, because the end of this thread
   * would block all requests.
   */
  private void encode(ILoggingEvent event, ByteArrayOutputStream lines) {
    try {
      lines.writeBytes(encoder.encode(event));
    } catch (RuntimeException e) {
      addError("a log line cannot be written", e);
    }
  }

  private void flush(ByteArrayOutputStream lines, int count) {
    out.writeBytes(lines.toByteArray());
    out.flush();
    room.release(count);
  }

  /** Writes the queued lines, for at most {@link #STOP_TIMEOUT}. */
  @Override
  public void stop() {
    super.stop();
    ended = true;
    Thread thread = writer;
    if (thread == null) {
      return;
    }
    LockSupport.unpark(thread);
    try {
      thread.join(STOP_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
