package io.dropserver.web.upstream;

import java.util.List;
import java.util.Locale;

/**
 * A message as a parser sees it.
 *
 * @param start method and target, or the status
 * @param end the position after the message
 */
record SeenMessage(String start, List<String> fields, String body, int end) {
  static String field(String name, String value) {
    return name.toLowerCase(Locale.ROOT) + ": " + value;
  }
}
