package io.dropserver.cli.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.filter.Filter;
import ch.qos.logback.core.spi.FilterReply;
import io.dropserver.schema.host.LogSettings.AccessLog;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.event.KeyValuePair;

/**
 * Decides which lines of the access log are written. A request is for an asset if it is a
 * successful GET or HEAD of a path with the file extension of a script, style, image or font.
 * Thread-safe.
 */
final class AccessLogFilter extends Filter<ILoggingEvent> {
  /** One of so many requests for assets is logged. */
  static final int SAMPLE = 100;

  private static final Set<String> ASSETS =
      Set.of(
          "avif", "css", "gif", "ico", "jpeg", "jpg", "js", "map", "mjs", "png", "svg", "ttf",
          "wasm", "webp", "woff", "woff2");

  private final AtomicLong assets = new AtomicLong();
  private volatile AccessLog mode = AccessLog.ALL;

  void use(AccessLog wanted) {
    mode = wanted;
  }

  @Override
  public FilterReply decide(ILoggingEvent event) {
    return switch (mode) {
      case ALL -> FilterReply.NEUTRAL;
      case OFF -> FilterReply.DENY;
      case SAMPLED ->
          isAsset(event) && assets.getAndIncrement() % SAMPLE != 0
              ? FilterReply.DENY
              : FilterReply.NEUTRAL;
    };
  }

  private static boolean isAsset(ILoggingEvent event) {
    String method = text(event, "method");
    String path = text(event, "path");
    String extension = path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return (method.equals("GET") || method.equals("HEAD"))
        && text(event, "status").matches("200|206|304")
        && ASSETS.contains(extension);
  }

  private static String text(ILoggingEvent event, String key) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    return pairs == null
        ? ""
        : pairs.stream()
            .filter(pair -> pair.key.equals(key))
            .findFirst()
            .map(pair -> String.valueOf(pair.value))
            .orElse("");
  }
}
