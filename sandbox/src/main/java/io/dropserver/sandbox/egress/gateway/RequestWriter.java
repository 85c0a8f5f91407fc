package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.http.Fields.Field;
import io.dropserver.sandbox.egress.http.RequestHead;
import io.dropserver.sandbox.egress.http.Wire;
import java.io.IOException;

/** Writes the head of a request to a destination. */
final class RequestWriter {
  static final int MAX_ANSWER_HEAD = 128 << 10;

  private RequestWriter() {}

  /**
   * Writes path and {@code Host} from the URL that was checked, regardless of the app's own
   * headers.
   */
  static void write(
      Wire wire, RequestHead request, Destination target, SecretHeaders secrets, boolean webSocket)
      throws IOException {
    String query = target.query().map(text -> "?" + text).orElse("");
    wire.write(request.method() + " " + target.path() + query + " HTTP/1.1\r\n");
    wire.write("Host: " + target.hostHeader() + "\r\n");
    Redaction redaction = secrets.redaction();
    for (Field field : request.fields().endToEnd()) {
      if (!secrets.sets(field.name()) && redaction.allows(field)) {
        wire.write(field.name() + ": " + field.value() + "\r\n");
      }
    }
    for (Field field : secrets.fields()) {
      wire.write(field.name() + ": " + field.value() + "\r\n");
    }
    if (!redaction.isNone()) {
      // Secrets cannot be found in compressed responses.
      wire.write("Accept-Encoding: identity\r\n");
    }
    framing(wire, request);
    if (RequestContent.endsConnection(request)) {
      wire.write("Connection: close\r\n");
    }
    wire.write(webSocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" : "\r\n");
    wire.flush();
  }

  private static void framing(Wire wire, RequestHead request) throws IOException {
    switch (request.body().framing()) {
      case LENGTH -> wire.write("Content-Length: " + request.body().length() + "\r\n");
      case CHUNKED, UNTIL_CLOSE -> wire.write("Transfer-Encoding: chunked\r\n");
      case NONE -> {
        // Some servers refuse a POST without a length.
        if (request.fields().count("content-length") > 0) {
          wire.write("Content-Length: 0\r\n");
        }
      }
    }
  }
}
