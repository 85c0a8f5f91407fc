package io.dropserver.web.people;

import io.dropserver.web.people.Deliveries.Outgoing;
import io.dropserver.web.push.WebPush;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** The form in which the shell's service worker receives a message: JSON with title, body, path. */
final class BrowserMessage {
  private static final JsonMapper JSON = JsonMapper.shared();

  private BrowserMessage() {}

  /** Returns a message that is short enough for push services. Its body is cut if necessary. */
  static byte[] of(Outgoing message) {
    String body = message.body();
    byte[] json = json(message, body);
    while (json.length > WebPush.maxBytes()) {
      int points = body.codePointCount(0, body.length());
      body = body.substring(0, body.offsetByCodePoints(0, points * 3 / 4)) + "…";
      json = json(message, body);
    }
    return json;
  }

  private static byte[] json(Outgoing message, String body) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("title", message.appspace() + ": " + message.title());
    values.put("body", body);
    values.put("path", NotificationPages.path(message.id()));
    return JSON.writeValueAsBytes(values);
  }
}
