package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.dropserver.base.concurrent.Threads;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One client without log-in that sends requests in loops, with a pause of 5 ms between two requests
 * of a loop. Thread-safe.
 */
final class PlaceAttackers implements AutoCloseable {
  private static final InetAddress CLIENT = InetAddress.ofLiteral("127.0.0.2");
  private static final long PAUSE_MILLIS = 5;
  private static final byte[] PIECE = new byte[8 << 10];

  private final URI shell;
  private final AtomicLong requests = new AtomicLong();
  private final List<Thread> loops = new ArrayList<>();

  /**
   * @param shell the URL of the shell, on this machine
   */
  PlaceAttackers(URI shell) {
    this.shell = shell;
  }

  /** Returns the number of requests that the server answered completely. */
  long requests() {
    return requests.get();
  }

  private interface Attack {
    void send(Socket socket) throws IOException, InterruptedException;
  }

  /**
   * Begins a loop of slow uploads.
   *
   * @param received is called each time the app returned a part of the upload
   */
  void upload(String appspace, int pieces, Duration betweenPieces, Runnable received) {
    repeat(
        socket -> {
          OutputStream out = socket.getOutputStream();
          out.write(head("POST", appspace, pieces * PIECE.length));
          for (int piece = 0; piece < pieces; piece++) {
            Thread.sleep(betweenPieces);
            out.write(PIECE);
            if (piece == 0) {
              requireOk(socket);
              received.run();
            }
          }
        });
  }

  /** Begins a loop of requests to appspaces in random order. */
  void get(List<String> appspaces) {
    repeat(
        socket -> {
          int next = ThreadLocalRandom.current().nextInt(appspaces.size());
          socket.getOutputStream().write(head("GET", appspaces.get(next), 0));
          requireOk(socket);
        });
  }

  private byte[] head(String method, String appspace, int length) {
    return "%s / HTTP/1.1\r\nHost: %s.%s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        .formatted(method, appspace, shell.getAuthority(), length)
        .getBytes(ISO_8859_1);
  }

  /** Reads the begin of a response. Throws unless the app sent it. */
  private static void requireOk(Socket socket) throws IOException {
    String begin = new String(socket.getInputStream().readNBytes(12), ISO_8859_1);
    if (!begin.equals("HTTP/1.1 200")) {
      throw new IOException("refused: " + begin);
    }
  }

  private void repeat(Attack attack) {
    loops.add(Thread.ofVirtual().start(() -> loop(attack)));
  }

  private void loop(Attack attack) {
    try {
      while (true) {
        try (Socket socket = new Socket()) {
          socket.bind(new InetSocketAddress(CLIENT, 0));
          socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), shell.getPort()));
          attack.send(socket);
          socket.getInputStream().transferTo(OutputStream.nullOutputStream());
          requests.incrementAndGet();
        } catch (IOException e) {
          // The sandbox was stopped, or the server refused the request.
        }
        TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      // The attack is over.
    }
  }

  @Override
  public void close() {
    loops.forEach(Thread::interrupt);
    loops.forEach(Threads::join);
  }
}
