package io.dropserver.base.http1;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads the heads of the messages on a connection, one at a time: {@link #read} and then {@link
 * #request} or {@link #response}. Not thread-safe.
 */
public final class HeadReader {
  /** The maximum number of informational responses before a final one. */
  static final int MAX_INFORMATIONAL = 16;

  private static final int FIRST_BYTES = 1 << 10;

  /** A larger buffer is not kept for the next head. */
  private static final int MAX_KEPT_BYTES = 8 << 10;

  private final ByteSource source;
  private final int maxBytes;
  private byte[] head = {};
  private int length;

  /**
   * @param maxBytes of a head, including its final empty line
   */
  public HeadReader(ByteSource source, int maxBytes) {
    this.source = source;
    this.maxBytes = maxBytes;
  }

  /**
   * Reads a head up to and including its final empty line.
   *
   * @return its length in bytes; 0 if the stream ends before its first byte
   * @throws MessageException when the head is too large, or a line does not end in CRLF
   * @throws EOFException when the stream ends in the head
   */
  public int read() throws IOException {
    length = 0;
    while (!append(source.received())) {
      if (!source.receive()) {
        if (length > 0) {
          throw new EOFException("the connection ended in a head");
        }
        return 0;
      }
    }
    return length;
  }

  /** Moves received bytes to the head. Returns whether it is complete. */
  private boolean append(ByteBuffer received) throws MessageException {
    while (received.hasRemaining()) {
      if (length == head.length) {
        grow();
      }
      int size = Math.min(Math.min(received.remaining(), head.length - length), FIRST_BYTES);
      received.get(head, length, size);
      int end = findEnd(length, length + size);
      length += size;
      if (end > 0) {
        received.position(received.position() - (length - end));
        length = end;
        return true;
      }
    }
    return false;
  }

  private void grow() throws MessageException {
    if (length == maxBytes) {
      throw new MessageException("the head is larger than " + (maxBytes >> 10) + " KiB");
    }
    head = Arrays.copyOf(head, Math.min(maxBytes, Math.max(FIRST_BYTES, 2 * length)));
  }

  /** Returns the position after the final empty line, or 0 if it is not among these bytes. */
  private int findEnd(int from, int to) throws MessageException {
    for (int i = from; i < to; i++) {
      if (head[i] == '\n') {
        if (i == 0 || head[i - 1] != '\r') {
          throw new MessageException("a line does not end in CRLF");
        }
        if (i == 1 || head[i - 2] == '\n') {
          return i + 1;
        }
      }
    }
    return 0;
  }

  /** Parses the head that was read as that of a request. */
  public RequestHead request() throws MessageException {
    RequestHead request = new HeadParser(head, length).request();
    release();
    return request;
  }

  /**
   * Parses the head that was read as that of a response.
   *
   * @param method of the request that the response belongs to
   */
  public ResponseHead response(String method) throws MessageException {
    ResponseHead response = new HeadParser(head, length).response(method);
    release();
    return response;
  }

  /**
   * Reads the head of the final response, and discards informational responses.
   *
   * @param method of the request that the response belongs to
   * @param upgrade whether a 101 is a final response
   * @throws MessageException also for a 101 without upgrade, and for too many informational
   *     responses
   * @throws EOFException when the stream ends before the end of the head
   */
  public ResponseHead finalResponse(String method, boolean upgrade) throws IOException {
    for (int i = 0; i <= MAX_INFORMATIONAL; i++) {
      if (read() == 0) {
        throw new EOFException("the connection ended before a response");
      }
      ResponseHead response = response(method);
      if (response.status() == 101 && !upgrade) {
        throw new MessageException("101 without a request to switch the protocol");
      }
      if (!response.isInformational()) {
        return response;
      }
    }
    throw new MessageException(
        "there are more than " + MAX_INFORMATIONAL + " informational responses");
  }

  /** Reads and discards the trailer section of a chunked body. */
  void skipTrailers() throws IOException {
    if (read() == 0) {
      throw new EOFException("the connection ended before the trailers");
    }
    Fields _ = new HeadParser(head, length).fields();
  }

  private void release() {
    if (head.length > MAX_KEPT_BYTES) {
      head = new byte[0];
    }
  }
}
