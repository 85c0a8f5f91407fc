package io.dropserver.web.dashboard;

import io.dropserver.control.InstanceView;
import io.dropserver.control.LogLine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Sends Server-Sent Events to one open page: {@code change} when the page would render differently,
 * {@code log-begin} and {@code log} for the lines of the app's log, and {@code end} when the
 * visitor loses access. Not thread-safe.
 *
 * @param allowed whether the visitor still has access
 * @param content supplies the content of the page; equal values render the same page
 */
record LiveStream(OutputStream out, BooleanSupplier allowed, Supplier<?> content) {
  /** How often access is checked. A removed member must lose the stream within a second. */
  private static final Duration ACCESS_CHECK_INTERVAL = Duration.ofMillis(400);

  /** How often the page's content is compared, which limits how often the browser fetches it. */
  private static final Duration COMPARE_INTERVAL = Duration.ofSeconds(2);

  /** The maximum time without an event, because proxies close idle connections. */
  private static final Duration HEARTBEAT_INTERVAL = Duration.ofSeconds(10);

  /**
   * The pause after each batch of log lines, so that an app that floods its log causes fewer
   * writes.
   */
  private static final Duration BATCH_DELAY = Duration.ofMillis(100);

  /**
   * Blocks and sends events until the visitor loses access.
   *
   * @param log the log to send too, from its stored lines on
   * @throws IOException when the client has disconnected
   */
  void run(Optional<LogTail> log) throws IOException, InterruptedException {
    // Read before the first byte is sent, so that the client misses no later change.
    Object shown = content.get();
    write("retry: 2000\n\n");
    if (log.isPresent()) {
      write(event("log-begin", ""));
    }
    long compared = System.nanoTime();
    long spoke = compared;
    while (allowed.getAsBoolean()) {
      String news = log.isPresent() ? nextLogEvents(log.get()) : waitForNextCheck();
      long now = System.nanoTime();
      if (now - compared >= COMPARE_INTERVAL.toNanos()) {
        compared = now;
        Object present = content.get();
        news += present.equals(shown) ? "" : event("change", "");
        shown = present;
      }
      if (news.isEmpty() && now - spoke >= HEARTBEAT_INTERVAL.toNanos()) {
        news = ": \n\n";
      }
      if (!news.isEmpty()) {
        spoke = now;
        write(news);
      }
    }
    write(event("end", ""));
    out.close();
  }

  private static String waitForNextCheck() throws InterruptedException {
    Thread.sleep(ACCESS_CHECK_INTERVAL);
    return "";
  }

  private static String nextLogEvents(LogTail log) throws InterruptedException {
    List<LogLine> lines = log.next(ACCESS_CHECK_INTERVAL);
    StringBuilder news = new StringBuilder();
    for (LogLine line : lines) {
      news.append(
          event(
              "log",
              line.time()
                  + "\n"
                  + DisplayText.line(line.stream())
                  + "\n"
                  + DisplayText.logLine(line.text())));
    }
    if (!lines.isEmpty()) {
      TimeUnit.NANOSECONDS.sleep(BATCH_DELAY.toNanos());
    }
    return news.toString();
  }

  /** Prefixes each line with {@code data:}, so that no line can end the event. */
  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data.replace("\n", "\ndata: ") + "\n\n";
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /**
   * Buffers the newest lines of an app's log, which a separate thread reads until {@link #close}.
   * Thread-safe.
   */
  static final class LogTail implements AutoCloseable {
    /** The maximum number of buffered lines. Beyond it, the oldest line is dropped. */
    static final int LINES = 300;

    /** The maximum number of buffered characters, because lines can be long. */
    static final int CHARACTERS = 128 << 10;

    private final List<LogLine> pending = new ArrayList<>(); // guarded by itself
    private int characters; // guarded by pending
    private final Thread reader;

    LogTail(InstanceView view, String appspace) {
      reader =
          Thread.ofVirtual()
              .name("dashboard-log")
              .start(
                  () -> {
                    try {
                      view.logs(appspace, true, this::add);
                    } catch (IOException | RuntimeException gone) {
                      // The appspace was removed. This removes the visitor's access, so LiveStream
                      // ends.
                    }
                  });
    }

    private void add(LogLine line) {
      synchronized (pending) {
        pending.add(line);
        characters += line.text().length();
        while (pending.size() > LINES || (characters > CHARACTERS && pending.size() > 1)) {
          characters -= pending.removeFirst().text().length();
        }
        pending.notifyAll();
      }
    }

    /**
     * Removes and returns the buffered lines. If there are none, waits up to the timeout for a
     * line.
     */
    List<LogLine> next(Duration timeout) throws InterruptedException {
      synchronized (pending) {
        if (pending.isEmpty()) {
          TimeUnit.NANOSECONDS.timedWait(pending, timeout.toNanos());
        }
        List<LogLine> lines = List.copyOf(pending);
        pending.clear();
        characters = 0;
        return lines;
      }
    }

    @Override
    public void close() {
      reader.interrupt();
    }
  }
}
