package io.dropserver.cli.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import io.dropserver.base.budget.TokenBucket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;

/**
 * Limits the rate of the front door's warnings, which clients can provoke with invalid requests.
 * Each logger may write a burst of lines, and one per second on average. The next line reports the
 * number of suppressed lines. Thread-safe.
 */
final class LogRateLimit extends TurboFilter {
  static final int BURST = 20;
  private static final int PER_SECOND = 1;
  private static final String LEFT_OUT = "{} more lines were dropped";

  private final LongSupplier nanoTime;

  /**
   * The rate limit of each logger, by the logger's name. The number of loggers is limited by the
   * number of classes.
   */
  private final Map<String, Lines> byLogger = new ConcurrentHashMap<>();

  private record Lines(TokenBucket allowance, AtomicLong leftOut) {}

  LogRateLimit() {
    this(System::nanoTime);
  }

  LogRateLimit(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] parameters,
      @Nullable Throwable thrown) {
    boolean asksOnly = format == null && thrown == null;
    if (asksOnly
        || LEFT_OUT.equals(format)
        || !level.isGreaterOrEqual(Level.WARN)
        || !isFrontDoor(logger.getName())) {
      return FilterReply.NEUTRAL;
    }
    Lines lines =
        byLogger.computeIfAbsent(
            logger.getName(),
            _ -> new Lines(new TokenBucket(BURST, PER_SECOND, nanoTime), new AtomicLong()));
    if (!lines.allowance().take(1)) {
      lines.leftOut().incrementAndGet();
      return FilterReply.DENY;
    }
    long leftOut = lines.leftOut().getAndSet(0);
    if (leftOut > 0) {
      logger.warn(LEFT_OUT, leftOut);
    }
    return FilterReply.NEUTRAL;
  }

  private static boolean isFrontDoor(String logger) {
    return logger.startsWith("org.eclipse.jetty.") || logger.startsWith("io.dropserver.web.");
  }
}
