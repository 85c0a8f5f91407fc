package io.dropserver.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Sends requests to an appspace at a fixed rate, whether or not earlier requests were answered.
 * Latency is measured from the instant at which a request was due, so that a stall counts for every
 * request that was due during it (no coordinated omission). A request that was not sent, because
 * {@link #MAX_OPEN} others were open, also counts.
 */
final class OpenLoopClient {
  /** Timeout of a request. A failed request counts as at least this latency. */
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  private static final Duration INTERVAL = Duration.ofMillis(20);

  /** Maximum number of simultaneously open requests. */
  private static final int MAX_OPEN = 24;

  private OpenLoopClient() {}

  /** Returns the latency of each request in milliseconds, ascending. */
  static List<Double> visit(SocketAddress front, String host, Duration duration)
      throws InterruptedException {
    ConcurrentLinkedQueue<Double> times = new ConcurrentLinkedQueue<>();
    Semaphore places = new Semaphore(MAX_OPEN);
    List<Thread> requests = new ArrayList<>();
    List<Long> unsent = new ArrayList<>();
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    for (long each = start; each < end; each += INTERVAL.toNanos()) {
      long due = each;
      Thread.sleep(Duration.ofNanos(Math.max(0, due - System.nanoTime())));
      if (!places.tryAcquire(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        unsent.add(due);
        continue;
      }
      requests.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    times.add(time(front, host, due));
                    places.release();
                  }));
    }
    for (Thread request : requests) {
      request.join();
    }
    unsent.forEach(due -> times.add((System.nanoTime() - due) / 1e6));
    return times.stream().sorted().toList();
  }

  private static double time(SocketAddress front, String host, long due) {
    try {
      request(front, host);
      return (System.nanoTime() - due) / 1e6;
    } catch (IOException unanswered) {
      return Math.max((double) TIMEOUT.toMillis(), (System.nanoTime() - due) / 1e6);
    }
  }

  private static void request(SocketAddress front, String host) throws IOException {
    try (Socket socket = new Socket()) {
      socket.setSoTimeout((int) TIMEOUT.toMillis());
      socket.connect(front, (int) TIMEOUT.toMillis());
      String request = "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      String status = new String(in.readNBytes(12), StandardCharsets.ISO_8859_1);
      if (!status.endsWith(" 200")) {
        throw new IOException(host + " answered " + status);
      }
    }
  }

  /** Returns the 99th percentile of ascending values. */
  static double percentile99(List<Double> times) {
    return times.get((int) (times.size() * 0.99));
  }

  /** Returns a loopback address that differs from the visitor's. */
  static String otherLoopbackAddress(int number) {
    return "127.66." + number / 250 + "." + (number % 250 + 1);
  }
}
