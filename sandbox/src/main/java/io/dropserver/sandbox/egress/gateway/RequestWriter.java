package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.http.Fields.Field;
import io.dropserver.sandbox.egress.http.RequestHead;
import io.dropserver.sandbox.egress.http.Wire;
import java.io.IOException;

/** The head of a request as a destination gets it. */
final class RequestWriter {
  static final int MAX_ANSWER_HEAD = 128 << 10;

  private RequestWriter() {}

  /**
   * Path and {@code Host} are those of the URL that was judged, whatever the app wrote beside it.
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
      // What comes back compressed cannot be looked through for them.
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
