package io.dropserver.cli.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import io.dropserver.base.text.JsonText;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/**
 * Encodes a log event as one line of JSON: {@code time} (RFC 3339, UTC), {@code level}, {@code
 * logger}, {@code message}, {@code exception} with its stack trace, and the event's own keys.
 * Numbers and booleans are not quoted. Everything that is not ASCII is escaped, so that a line
 * cannot control a terminal. Thread-safe.
 */
final class JsonLineEncoder extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter RFC_3339 =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private static final int MAX_EXCEPTION = 32 << 10;

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", RFC_3339.format(Instant.ofEpochMilli(event.getTimeStamp())));
    line.put("level", event.getLevel().toString());
    line.put("logger", event.getLoggerName());
    line.put("message", String.valueOf(event.getFormattedMessage()));
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      for (KeyValuePair pair : pairs) {
        line.putIfAbsent(pair.key, value(pair.value));
      }
    }
    if (event.getThrowableProxy() != null) {
      String trace = ThrowableProxyUtil.asString(event.getThrowableProxy());
      line.put("exception", trace.substring(0, Math.min(trace.length(), MAX_EXCEPTION)));
    }
    return (JsonText.ASCII.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private static Object value(Object value) {
    return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }
}
