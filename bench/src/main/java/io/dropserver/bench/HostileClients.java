package io.dropserver.bench;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * Makes hostile appspaces attack until it is closed. Each appspace runs one attack after the other
 * and starts with a different one, so that attacks of different kinds run simultaneously. Each
 * attack has a time limit.
 */
final class HostileClients implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 20_000;
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong done = new AtomicLong();
  private volatile boolean closed;
  private volatile String lastResponse = "none";

  private HostileClients() {}

  /** Starts the attacks of {@code count} appspaces, beginning with number {@code first}. */
  static HostileClients start(
      BenchEnvironment benchEnvironment, SocketAddress front, int first, int count)
      throws IOException {
    HostileClients clients = new HostileClients();
    List<String> attacks = attacks(benchEnvironment);
    for (int i = first; i < first + count; i++) {
      int index = i;
      clients.threads.add(
          Thread.ofVirtual()
              .start(() -> clients.attack(front, BenchInstance.host(index), attacks, index)));
    }
    return clients;
  }

  /**
   * Returns the {@code resources/…} attacks of the hostile test suite, and two that use CPU time
   * and flood the log.
   */
  private static List<String> attacks(BenchEnvironment benchEnvironment) throws IOException {
    Path folder = benchEnvironment.checkout().resolve("tests/src/test/hostile/resources");
    List<String> names = new ArrayList<>(List.of("resources/spin", "resources/log-flood"));
    try (Stream<Path> files = Files.list(folder)) {
      files
          .map(file -> "resources/" + file.getFileName().toString().replace(".ts", ""))
          .sorted()
          .forEach(names::add);
    }
    return names;
  }

  private void attack(SocketAddress front, String host, List<String> attacks, int first) {
    for (int round = first; !closed; round++) {
      try {
        String response = request(front, host, attacks.get(round % attacks.size()));
        lastResponse = response.lines().findFirst().orElse("closed without an answer");
        if (lastResponse.contains(" 200 ") || lastResponse.contains(" 502 ")) {
          done.incrementAndGet();
        }
      } catch (IOException late) {
        lastResponse = late.toString();
      }
      try {
        Thread.sleep(PAUSE);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private static String request(SocketAddress front, String host, String attack)
      throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(front, TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      String body = "{}";
      String request =
          "POST /?attack=%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(attack, host, body.length(), body);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readNBytes(4096), StandardCharsets.ISO_8859_1);
    }
  }

  /**
   * Blocks until the number of ended attacks reaches the number of attacking appspaces. An attack
   * that crashes its sandbox counts as ended.
   *
   * @throws IOException after the timeout, because a measurement without attacks is worthless
   */
  void awaitAttacks(Duration timeout) throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (done.get() < threads.size()) {
      if (System.nanoTime() > end) {
        throw new IOException(
            done.get() + " attacks were carried out; the last answer was " + lastResponse);
      }
      Thread.sleep(PAUSE);
    }
  }

  @Override
  public void close() {
    closed = true;
    threads.forEach(Thread::interrupt);
    try {
      for (Thread thread : threads) {
        var _ = thread.join(Duration.ofMillis(TIMEOUT_MILLIS));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
