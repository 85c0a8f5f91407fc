package io.dropserver.web.dashboard;

import io.dropserver.schema.status.LogLine;
import io.dropserver.web.control.InstanceView;
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
 * Server-Sent Events to one open page: {@code change} when the page would look otherwise, {@code
 * log} for each line that an app prints, {@code end} when whoever looks may look no more. Used by
 * one thread.
 */
final class LiveStream {
  /** So soon it ends when somebody is removed: half of the second that is promised. */
  private static final Duration LOOK = Duration.ofMillis(400);

  /** A page is compared that often, and so is redrawn no more often. */
  private static final Duration COMPARE = Duration.ofSeconds(2);

  /** Connections that are silent for longer are given up, by us and by proxies. */
  private static final Duration BEAT = Duration.ofSeconds(10);

  /** An app that floods its log is shown in bundles. */
  private static final Duration BUNDLE = Duration.ofMillis(100);

  private final OutputStream out;
  private final BooleanSupplier allowed;
  private final Supplier<?> picture;

  /**
   * @param allowed whether it may go on
   * @param picture what the page shows; two that are equal look alike
   */
  LiveStream(OutputStream out, BooleanSupplier allowed, Supplier<?> picture) {
    this.out = out;
    this.allowed = allowed;
    this.picture = picture;
  }

  /**
   * Goes on until it is not allowed any more.
   *
   * @param log whose log is followed too: all that is kept comes first
   * @throws IOException when the reader has left
   */
  void run(Optional<LogTail> log) throws IOException, InterruptedException {
    // Before the first byte: whoever reads that is told of all that changes from then on.
    Object shown = picture.get();
    write("retry: 2000\n\n");
    if (log.isPresent()) {
      write(event("log-begin", ""));
    }
    long compared = System.nanoTime();
    long spoke = compared;
    while (allowed.getAsBoolean()) {
      String news = log.isPresent() ? news(log.get()) : pause();
      long now = System.nanoTime();
      if (now - compared >= COMPARE.toNanos()) {
        compared = now;
        Object present = picture.get();
        news += present.equals(shown) ? "" : event("change", "");
        shown = present;
      }
      if (news.isEmpty() && now - spoke >= BEAT.toNanos()) {
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

  private static String pause() throws InterruptedException {
    Thread.sleep(LOOK);
    return "";
  }

  private static String news(LogTail log) throws InterruptedException {
    List<LogLine> lines = log.next(LOOK);
    StringBuilder news = new StringBuilder();
    for (LogLine line : lines) {
      news.append(
          event(
              "log",
              line.time() + "\n" + Shown.line(line.stream()) + "\n" + Shown.printed(line.text())));
    }
    if (!lines.isEmpty()) {
      TimeUnit.NANOSECONDS.sleep(BUNDLE.toNanos());
    }
    return news.toString();
  }

  /** Each line of the data stands on one of its own; nothing in it ends the event. */
  private static String event(String name, String data) {
    return "event: " + name + "\ndata: " + data.replace("\n", "\ndata: ") + "\n\n";
  }

  private void write(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }

  /** The newest lines of an app's log, read by a thread of its own until it is closed. */
  static final class LogTail implements AutoCloseable {
    /** More than a page shows; who reads slower loses the oldest. */
    static final int LINES = 300;

    /** Of all its lines together: a line may be as long as what an app prints in a second. */
    static final int CHARACTERS = 128 << 10;

    private final List<LogLine> waiting = new ArrayList<>(); // guarded by itself
    private int characters; // guarded by waiting
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
                      // The appspace left: the stream ends by that.
                    }
                  });
    }

    private void add(LogLine line) {
      synchronized (waiting) {
        waiting.add(line);
        characters += line.text().length();
        while (waiting.size() > LINES || (characters > CHARACTERS && waiting.size() > 1)) {
          characters -= waiting.removeFirst().text().length();
        }
        waiting.notifyAll();
      }
    }

    /** Those that came since it was last asked; waits for one, at most that long. */
    List<LogLine> next(Duration patience) throws InterruptedException {
      synchronized (waiting) {
        if (waiting.isEmpty()) {
          TimeUnit.NANOSECONDS.timedWait(waiting, patience.toNanos());
        }
        List<LogLine> lines = List.copyOf(waiting);
        waiting.clear();
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
