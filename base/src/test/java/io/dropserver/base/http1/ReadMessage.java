package io.dropserver.base.http1;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dropserver.base.http1.Fields.Field;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What became of a message.
 *
 * @param start the request line, or status and reason
 * @param end the position after the message; -1 for a failure
 * @param failure empty, "incomplete", or what the {@link MessageException} says
 */
record ReadMessage(
    String start,
    List<Field> fields,
    Body framing,
    boolean persistent,
    String body,
    int end,
    String failure) {
  static final int MAX_HEAD_BYTES = 16 << 10;

  static ReadMessage request(PiecewiseSource source) {
    return read(
        source,
        heads -> {
          if (heads.read() == 0) {
            throw new EOFException("no request");
          }
          RequestHead head = heads.request();
          return new ReadMessage(
              head.method() + " " + head.target(), head.fields().all(), head.body(), true);
        });
  }

  /**
   * @param method of the request
   */
  static ReadMessage response(PiecewiseSource source, String method) {
    return read(
        source,
        heads -> {
          ResponseHead head = heads.finalResponse(method, false);
          return new ReadMessage(
              head.status() + " " + head.reason(),
              head.fields().all(),
              head.body(),
              head.persistent());
        });
  }

  static ReadMessage of(boolean request, PiecewiseSource source) {
    return request ? request(source) : response(source, "GET");
  }

  private ReadMessage(String start, List<Field> fields, Body framing, boolean persistent) {
    this(start, fields, framing, persistent, "", 0, "");
  }

  private interface Heads {
    ReadMessage read(HeadReader reader) throws IOException;
  }

  private static ReadMessage read(PiecewiseSource source, Heads heads) {
    try {
      ReadMessage head = heads.read(new HeadReader(source, MAX_HEAD_BYTES));
      String body = body(source, head.framing);
      return new ReadMessage(
          head.start, head.fields, head.framing, head.persistent, body, source.consumed(), "");
    } catch (MessageException e) {
      return failed(String.valueOf(e.getMessage()));
    } catch (EOFException e) {
      return failed("incomplete");
    } catch (IOException e) {
      throw new IllegalStateException("neither malformed nor incomplete", e);
    }
  }

  private static ReadMessage failed(String failure) {
    return new ReadMessage("", List.of(), Body.NONE, false, "", -1, failure);
  }

  private static String body(PiecewiseSource source, Body framing) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    BodyReader reader = new BodyReader(source, framing);
    while (!reader.isComplete()) {
      ByteBuffer piece = reader.next();
      if (!piece.hasRemaining() && !reader.isComplete()) {
        throw new IllegalStateException("an empty piece is not the last one");
      }
      byte[] bytes = new byte[piece.remaining()];
      piece.get(bytes);
      body.writeBytes(bytes);
    }
    return body.toString(ISO_8859_1);
  }
}
