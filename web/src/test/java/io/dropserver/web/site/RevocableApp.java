package io.dropserver.web.site;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An app that records what it receives. It sends {@link #LATE} when the test releases it, as far as
 * its connection is still open.
 */
final class RevocableApp implements FakeApp.Script {
  /** What no client may receive after a change. */
  static final String LATE = "late-answer";

  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nX-Late: %s\r\nContent-Length: %d\r\n\r\n".formatted(LATE, LATE.length());

  /** The beginning of a stream. */
  static final String FIRST = "data: first";

  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicReference<String> received = new AtomicReference<>("");
  final Semaphore ended = new Semaphore(0);

  @Override
  public void serve(FakeApp.Connection connection) throws IOException, InterruptedException {
    try {
      String head = connection.head();
      if (head.isEmpty()) {
        return;
      }
      if (head.contains(" /open/events ")) {
        connection.send(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + FIRST + "\n");
      } else if (head.contains(" /open/socket ")) {
        connection.send(FakeApp.WEBSOCKET_ACCEPTED);
      }
      Thread sender = Thread.ofVirtual().start(() -> sendWhenReleased(connection, head));
      for (int b = connection.in.read(); b >= 0; b = connection.in.read()) {
        received.accumulateAndGet(String.valueOf((char) b), String::concat);
      }
      sender.join();
    } finally {
      ended.release();
    }
  }

  private void sendWhenReleased(FakeApp.Connection connection, String head) {
    boolean begun = head.contains(" /open/events ") || head.contains(" /open/socket ");
    try {
      released.await();
      connection.send((begun ? "" : HEAD) + LATE);
    } catch (IOException e) {
      // The front door has closed the connection.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void release() {
    released.countDown();
  }

  /** Returns what the app has received after heads. */
  String received() {
    return received.get();
  }
}
