package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.egress.http.BufferedConnection;
import io.dropserver.sandbox.egress.http.Fields.Field;
import io.dropserver.sandbox.egress.http.ResponseHead;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Writes responses to an app. */
final class AppResponseWriter {
  private final BufferedConnection app;

  AppResponseWriter(BufferedConnection app) {
    this.app = app;
  }

  /**
   * Writes the refusal at once, because the preload expects it at the start of the data that it
   * reads.
   */
  void writeRefusal(Refusal refusal, String method, boolean persistent) throws IOException {
    byte[] body = (refusal.sentence() + "\n").getBytes(StandardCharsets.UTF_8);
    app.write("HTTP/1.1 " + refusal.status() + " Refused by the egress gateway\r\n");
    app.write("Dropserver-Egress: " + refusal.header() + "\r\n");
    app.write("Dropserver-Egress-Reason: " + refusal.sentence() + "\r\n");
    app.write("Content-Type: text/plain; charset=utf-8\r\n");
    app.write("Content-Length: " + body.length + "\r\n");
    end(persistent);
    if (!method.equals("HEAD")) {
      app.write(body, 0, body.length);
    }
    app.flush();
  }

  /** Accepts a {@link Preface}. Requests may follow. */
  void writePrefaceAccepted() throws IOException {
    app.write("HTTP/1.1 200 Allowed by the egress gateway\r\nDropserver-Egress: allowed\r\n\r\n");
    app.flush();
  }

  void writeNoContent(boolean persistent) throws IOException {
    app.write("HTTP/1.1 204 Allowed by the egress gateway\r\n");
    app.write("Dropserver-Egress: allowed\r\n");
    end(persistent);
    app.flush();
  }

  void writeContinue() throws IOException {
    app.write("HTTP/1.1 100 Continue\r\n\r\n");
    app.flush();
  }

  /** Writes the head of the destination's response. The body follows. */
  void head(ResponseHead head, String method, Redaction redaction, boolean persistent)
      throws IOException {
    app.write("HTTP/1.1 " + head.status() + " " + redaction.redact(head.reason()) + "\r\n");
    for (Field field : redaction.redact(head.fields().endToEnd())) {
      app.write(field.name() + ": " + field.value() + "\r\n");
    }
    framing(head, method);
    end(persistent);
  }

  private void framing(ResponseHead head, String method) throws IOException {
    switch (head.body().framing()) {
      case LENGTH -> app.write("Content-Length: " + head.body().length() + "\r\n");
      case CHUNKED, UNTIL_CLOSE -> app.write("Transfer-Encoding: chunked\r\n");
      case NONE -> {
        boolean describes = method.equals("HEAD") || head.status() == 304;
        String length = head.fields().first("content-length").orElse("");
        if (describes && !length.isEmpty()) {
          app.write("Content-Length: " + length + "\r\n");
        } else if (!describes && head.status() != 204) {
          app.write("Content-Length: 0\r\n");
        }
      }
    }
  }

  /** Switches to the WebSocket protocol. Its bytes follow. */
  void writeSwitchingProtocols(ResponseHead head, Redaction redaction) throws IOException {
    app.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n");
    for (Field field : redaction.redact(head.fields().endToEnd())) {
      app.write(field.name() + ": " + field.value() + "\r\n");
    }
    app.write("\r\n");
    app.flush();
  }

  private void end(boolean persistent) throws IOException {
    app.write(persistent ? "\r\n" : "Connection: close\r\n\r\n");
  }
}
