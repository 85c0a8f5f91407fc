package io.dropserver.web.headers;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/**
 * Reads which headers {@code Connection} declares to be hop-by-hop (RFC 9110, section 7.6.1).
 * Thread-safe.
 */
final class ConnectionOptions {
  private ConnectionOptions() {}

  /** Returns the names of these headers in lower case. */
  static Set<String> of(HttpFields headers) {
    Set<String> names = Set.of();
    for (HttpField field : headers) {
      if (field.getHeader() != HttpHeader.CONNECTION || isPlain(field.getValue())) {
        continue;
      }
      if (names.isEmpty()) {
        names = new HashSet<>();
      }
      for (String name : field.getValue().split(",", -1)) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static boolean isPlain(@org.jspecify.annotations.Nullable String value) {
    return value == null || value.equalsIgnoreCase("keep-alive") || value.equalsIgnoreCase("close");
  }
}
