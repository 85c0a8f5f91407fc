package io.dropserver.cli.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogRateLimitTest {
  private final AtomicLong nanos = new AtomicLong();
  private final LoggerContext context = new LoggerContext();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void open() {
    context.addTurboFilter(new LogRateLimit(nanos::get));
    lines.setContext(context);
    lines.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(lines);
  }

  private void warn(String logger, int times) {
    for (int i = 0; i < times; i++) {
      context.getLogger(logger).warn("bad request {}", i);
    }
  }

  @Test
  void frontDoorWarningsAreLimitedAndDroppedLinesCounted() {
    warn("org.eclipse.jetty.http.HttpParser", 1000);
    assertThat(lines.list).hasSize(LogRateLimit.BURST);
    nanos.addAndGet(Duration.ofSeconds(3).toNanos());
    warn("org.eclipse.jetty.http.HttpParser", 1);
    assertThat(lines.list).hasSize(LogRateLimit.BURST + 2);
    assertThat(lines.list.get(LogRateLimit.BURST).getFormattedMessage())
        .isEqualTo("980 more lines were dropped");
  }

  @Test
  void anotherLoggerAndOtherLevelsAreNotAffected() {
    warn("org.eclipse.jetty.http.HttpParser", 1000);
    lines.list.clear();
    warn("io.dropserver.web.hook.WebhookHandler", 1);
    warn("io.dropserver.reconciler.ReconcileLoop", 100);
    for (int i = 0; i < 100; i++) {
      context.getLogger("io.dropserver.web.access").info("request");
    }
    assertThat(lines.list).hasSize(201);
  }
}
