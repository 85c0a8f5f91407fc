package io.dropserver.egress.gateway;

import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.base.http1.ResponseHead;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes responses to an app. */
final class AppResponseWriter {
  private final BufferedConnection app;
  // Heads of destinations are bounded, and so is their growth when secrets are redacted.
  private final HeadEncoder encoder = new HeadEncoder(Integer.MAX_VALUE);

  AppResponseWriter(BufferedConnection app) {
    this.app = app;
  }

  /**
   * Writes and flushes the refusal as a whole, because {@code node_clients.ts} expects it in one
   * chunk.
   */
  void writeRefusal(Refusal refusal, String method, boolean persistent) throws IOException {
    byte[] body = (refusal.sentence() + "\n").getBytes(StandardCharsets.UTF_8);
    encoder
        .response(refusal.status(), "Refused by the egress gateway")
        .field("Dropserver-Egress", refusal.header())
        .field("Dropserver-Egress-Reason", refusal.sentence())
        .field("Content-Type", "text/plain; charset=utf-8")
        .field("Content-Length", Integer.toString(body.length));
    end(persistent);
    if (!method.equals("HEAD")) {
      app.write(ByteBuffer.wrap(body));
    }
    app.flush();
  }

  /**
   * Answers that the destination is allowed, without a body.
   *
   * @param status 200 accepts a {@link Preface}, and 204 answers a request
   */
  void writeAllowed(int status, boolean persistent) throws IOException {
    encoder.response(status, "Allowed by the egress gateway").field("Dropserver-Egress", "allowed");
    end(persistent);
    app.flush();
  }

  /** Writes and flushes the answer to a call of the {@link HostApi}. */
  void writeJson(int status, byte[] json, String method, boolean persistent) throws IOException {
    encoder
        .response(status, "Answered by the host")
        .field("Content-Type", "application/json")
        .field("Cache-Control", "no-store")
        .field("Content-Length", Integer.toString(json.length));
    end(persistent);
    if (!method.equals("HEAD")) {
      app.write(ByteBuffer.wrap(json));
    }
    app.flush();
  }

  void writeContinue() throws IOException {
    encoder.response(100, "Continue");
    end(true);
    app.flush();
  }

  /** Writes the head of the destination's response. The body follows. */
  void head(ResponseHead head, String method, Redaction redaction, boolean persistent)
      throws IOException {
    encoder
        .response(head.status(), redaction.redact(head.reason()))
        .fields(redaction.redact(EndToEndFields.of(head.fields())));
    framing(head, method);
    end(persistent);
  }

  private void framing(ResponseHead head, String method) {
    switch (head.body().framing()) {
      case LENGTH -> encoder.field("Content-Length", Long.toString(head.body().length()));
      case CHUNKED, UNTIL_CLOSE -> encoder.field("Transfer-Encoding", "chunked");
      case NONE -> {
        boolean describes = method.equals("HEAD") || head.status() == 304;
        if (describes) {
          head.fields()
              .first("content-length")
              .ifPresent(length -> encoder.field("Content-Length", length));
        } else if (head.status() != 204) {
          encoder.field("Content-Length", "0");
        }
      }
    }
  }

  /** Switches to the WebSocket protocol. Its bytes follow. */
  void writeSwitchingProtocols(ResponseHead head, Redaction redaction) throws IOException {
    encoder
        .response(101, "Switching Protocols")
        .field("Connection", "Upgrade")
        .field("Upgrade", "websocket")
        .fields(redaction.redact(EndToEndFields.of(head.fields())));
    end(true);
    app.flush();
  }

  private void end(boolean persistent) throws IOException {
    if (!persistent) {
      encoder.field("Connection", "close");
    }
    app.write(encoder.end());
  }
}
