package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.http.BufferedConnection;
import io.dropserver.sandbox.egress.http.Fields.Field;
import io.dropserver.sandbox.egress.http.RequestHead;
import java.io.IOException;

/** Writes the head of a request to a destination. */
final class RequestWriter {
  static final int MAX_ANSWER_HEAD = 128 << 10;

  private RequestWriter() {}

  /**
   * Writes path and {@code HostLocation} from the URL that was checked, regardless of the app's own
   * headers.
   */
  static void write(
      BufferedConnection bufferedConnection,
      RequestHead request,
      Destination target,
      SecretHeaders secrets,
      boolean webSocket)
      throws IOException {
    String query = target.query().map(text -> "?" + text).orElse("");
    bufferedConnection.write(request.method() + " " + target.path() + query + " HTTP/1.1\r\n");
    bufferedConnection.write("Host: " + target.hostHeader() + "\r\n");
    Redaction redaction = secrets.redaction();
    for (Field field : request.fields().endToEnd()) {
      if (!secrets.containsName(field.name()) && redaction.allows(field)) {
        bufferedConnection.write(field.name() + ": " + field.value() + "\r\n");
      }
    }
    for (Field field : secrets.fields()) {
      bufferedConnection.write(field.name() + ": " + field.value() + "\r\n");
    }
    if (!redaction.isNone()) {
      // Secrets cannot be found in compressed responses.
      bufferedConnection.write("Accept-Encoding: identity\r\n");
    }
    framing(bufferedConnection, request);
    if (RequestBodyRules.endsConnection(request)) {
      bufferedConnection.write("Connection: close\r\n");
    }
    bufferedConnection.write(
        webSocket ? "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n" : "\r\n");
    bufferedConnection.flush();
  }

  private static void framing(BufferedConnection bufferedConnection, RequestHead request)
      throws IOException {
    switch (request.body().framing()) {
      case LENGTH ->
          bufferedConnection.write("Content-Length: " + request.body().length() + "\r\n");
      case CHUNKED, UNTIL_CLOSE -> bufferedConnection.write("Transfer-Encoding: chunked\r\n");
      case NONE -> {
        // Some servers refuse a POST without a length.
        if (request.fields().count("content-length") > 0) {
          bufferedConnection.write("Content-Length: 0\r\n");
        }
      }
    }
  }
}
