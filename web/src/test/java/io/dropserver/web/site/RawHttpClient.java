package io.dropserver.web.site;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A client that sends exactly the bytes of the test, and reads the response. */
final class RawHttpClient implements AutoCloseable {
  private final Socket socket;
  final InputStream in;

  RawHttpClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(20_000);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends one request on a new connection. */
  static Answer ask(int port, String request) throws IOException {
    try (RawHttpClient rawHttpClient = new RawHttpClient(port)) {
      rawHttpClient.send(request);
      return rawHttpClient.answer(request.startsWith("HEAD "));
    }
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /**
   * @param cut whether the connection broke before the end of the body
   */
  record Answer(int status, List<String> headers, String body, boolean cut) {
    Optional<String> header(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return headers.stream()
          .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(start))
          .map(header -> header.substring(start.length()).strip())
          .findFirst();
    }

    long count(String name) {
      String start = name.toLowerCase(Locale.ROOT) + ":";
      return headers.stream().filter(h -> h.toLowerCase(Locale.ROOT).startsWith(start)).count();
    }
  }

  Answer head() throws IOException {
    String statusLine = line();
    List<String> headers = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      headers.add(line);
    }
    return new Answer(Integer.parseInt(statusLine.substring(9, 12)), headers, "", false);
  }

  Answer answer(boolean toHead) throws IOException {
    Answer head = head();
    StringBuilder body = new StringBuilder();
    boolean cut = !toHead && !body(head, body);
    return new Answer(head.status(), head.headers(), body.toString(), cut);
  }

  private boolean body(Answer head, StringBuilder body) throws IOException {
    if (head.status() == 204 || head.status() == 304) {
      return true;
    }
    try {
      if (head.header("Transfer-Encoding").isPresent()) {
        return chunks(body);
      }
      if (head.header("Content-Length").isPresent()) {
        return exactly(Integer.parseInt(head.header("Content-Length").get()), body);
      }
      for (int b = in.read(); b >= 0; b = in.read()) {
        body.append((char) b);
      }
      return true;
    } catch (IOException e) {
      return false; // reset
    }
  }

  private boolean chunks(StringBuilder body) throws IOException {
    while (true) {
      String size = line();
      if (size.isEmpty()) {
        return false;
      }
      int length = Integer.parseInt(size, 16);
      if (!exactly(length, body)) {
        return false;
      }
      line();
      if (length == 0) {
        return true;
      }
    }
  }

  private boolean exactly(int length, StringBuilder body) throws IOException {
    for (int i = 0; i < length; i++) {
      int b = in.read();
      if (b < 0) {
        return false;
      }
      body.append((char) b);
    }
    return true;
  }

  /** Returns the line without its CRLF; also empty at the end of the connection. */
  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
      line.append((char) b);
    }
    return line.toString().stripTrailing();
  }

  /** Waits for the server to close the connection, and returns whether it did. */
  boolean ended() {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Closes the connection with a reset. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
