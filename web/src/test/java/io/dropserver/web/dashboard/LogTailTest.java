package io.dropserver.web.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.control.InstanceView;
import io.dropserver.control.LogLine;
import io.dropserver.web.dashboard.LiveStream.LogTail;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LogTailTest {
  private static final int HALF = LogTail.CHARACTERS / 2;

  @Test
  void longLinesMakeRoomForNewOnes() throws InterruptedException {
    List<LogLine> kept =
        after(
            log -> {
              for (int i = 0; i < 50; i++) {
                log.accept(line("x".repeat(HALF)));
              }
              log.accept(line("the newest"));
            });
    assertThat(kept).extracting(LogLine::text).last().isEqualTo("the newest");
    assertThat(kept.stream().mapToLong(line -> line.text().length()).sum())
        .isLessThanOrEqualTo(LogTail.CHARACTERS);
  }

  @Test
  void onlyTheNewestLinesAreKept() throws InterruptedException {
    List<LogLine> kept =
        after(
            log -> {
              for (int i = 0; i < 1_000; i++) {
                log.accept(line(String.valueOf(i)));
              }
            });
    assertThat(kept).hasSize(LogTail.LINES).extracting(LogLine::text).last().isEqualTo("999");
  }

  private static LogLine line(String text) {
    return new LogLine(Instant.EPOCH, "stdout", text);
  }

  /** What a reader gets that did not read while the app was printing. */
  @SuppressWarnings("unchecked")
  private static List<LogLine> after(Consumer<Consumer<LogLine>> app) throws InterruptedException {
    CountDownLatch printed = new CountDownLatch(1);
    InstanceView view =
        (InstanceView)
            Proxy.newProxyInstance(
                InstanceView.class.getClassLoader(),
                new Class<?>[] {InstanceView.class},
                (_, method, arguments) -> {
                  assertThat(method.getName()).isEqualTo("logs");
                  app.accept((Consumer<LogLine>) arguments[2]);
                  printed.countDown();
                  return null;
                });
    try (LogTail tail = new LogTail(view, "notes")) {
      printed.await();
      return tail.next(Duration.ZERO);
    }
  }
}
