package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Clients and a member try to exhaust the server's heap of 128 MiB. The server exits if the heap is
 * full. The attackers connect from 127.0.0.2, and all others from 127.0.0.1.
 */
class HeapAttackTest {
  private static final InetAddress ATTACKER = InetAddress.ofLiteral("127.0.0.2");
  private static final String[] SMALL = {
    "-Xmx128m", "-XX:+UseG1GC", "-XX:-UseSerialGC", "-XX:+ExitOnOutOfMemoryError"
  };

  /** Sessions of one user, each of which could have 100 hand-over codes. */
  private static final int SESSIONS = 30;

  @TempDir Path folder;

  @Test
  void theServerAnswersOthersThroughoutEachAttack() throws Exception {
    attackFor(Duration.ofSeconds(5), Duration.ofSeconds(2));
  }

  @Test
  @Tag("long")
  void theServerAnswersOthersThroughoutEachAttackOfAMinute() throws Exception {
    attackFor(Duration.ofSeconds(60), Duration.ofSeconds(60));
  }

  /**
   * @param time duration of each attack that was once successful
   * @param others duration of each other attack
   */
  private void attackFor(Duration time, Duration others) throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "of the webhook");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Path config =
        Files.writeString(
            folder.resolve("dropserver.yaml"),
            """
            sandbox: {allowWeaker: [uid, cgroup, storage]}
            webhooks:
              hub: {type: github, secretFiles: [secret]}
            """);
    try (LiveInstance instance =
        LiveInstance.serving(folder, List.of(SMALL), "--config", config.toString())) {
      List<String> sessions = new ArrayList<>();
      for (int i = 0; i < SESSIONS; i++) {
        sessions.add(session(instance));
      }
      for (HeapAttack heapAttack : attacks(instance, sessions)) {
        try (HeapAttackers _ =
            HeapAttackers.of(heapAttack, URI.create(instance.server().shellUrl()).getPort())) {
          assertOthersAreServed(instance, heapAttack, heapAttack.known() ? time : others);
        }
      }
    }
  }

  private static void assertOthersAreServed(
      LiveInstance instance, HeapAttack heapAttack, Duration time)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    Map<Integer, Integer> statuses = new TreeMap<>();
    while (System.nanoTime() < end) {
      assertThat(instance.server().isAlive()).as(heapAttack.name() + instance.log()).isTrue();
      statuses.merge(instance.get("one", "/").statusCode(), 1, Integer::sum);
      statuses.merge(instance.shellPage("/login").statusCode(), 1, Integer::sum);
      TimeUnit.MILLISECONDS.sleep(50); // a visitor at a normal rate
    }
    assertThat(statuses.keySet()).as(heapAttack.name()).containsExactly(200);
    assertThat(instance.log()).doesNotContain("OutOfMemoryError");
  }

  /** Creates a session of Alice and returns its cookie. */
  private static String session(LiveInstance instance) throws IOException, InterruptedException {
    String token = instance.enroll("alice").replaceFirst(".*token=", "");
    Map<String, String> own = Map.of("Origin", instance.server().shellUrl());
    return instance
        .post("/enrol", own, "token=" + token)
        .headers()
        .firstValue("Set-Cookie")
        .map(cookie -> cookie.substring(0, cookie.indexOf(';')))
        .orElseThrow();
  }

  /**
   * @param known whether the attack was once successful
   * @param clients number of simultaneous connections; a closed one is replaced
   * @param requests raw requests, used in turn; the client then waits for the server to close
   */
  private record HeapAttack(String name, boolean known, int clients, List<String> requests) {
    /** The attack with codes needs many short requests. The others keep their connections open. */
    Duration pause() {
      return Duration.ofMillis(name.equals("codes") ? 10 : 1_000);
    }
  }

  private static List<HeapAttack> attacks(LiveInstance instance, List<String> sessions) {
    URI shell = URI.create(instance.server().shellUrl());
    String host = "Host: " + shell.getAuthority() + "\r\n";
    String form = host + "Origin: " + shell + "\r\nSec-Fetch-Site: same-origin\r\n";
    String binding = "host=one." + shell.getHost() + "&binding=" + "x".repeat(65_000);
    String signed = host + "X-Hub-Signature-256: sha256=00\r\nX-GitHub-Event: push\r\n";
    String password = "name=alice&password=a guess of length";
    return List.of(
        new HeapAttack(
            "deliveries", true, 80, List.of(allButOne("/hooks/hub", signed, "x".repeat(3 << 20)))),
        new HeapAttack(
            "log-ins", true, 2_000, List.of(allButOne("/login", form, "x".repeat(65_536)))),
        new HeapAttack(
            "codes",
            true,
            60,
            sessions.stream()
                .map(session -> form + "Cookie: " + session + "\r\n")
                .map(headers -> post("/enter", headers, binding.length()) + binding)
                .toList()),
        new HeapAttack(
            "short log-ins", false, 500, List.of(allButOne("/login", form, "x".repeat(12_000)))),
        new HeapAttack(
            "passwords", false, 100, List.of(post("/login", form, password.length()) + password)),
        new HeapAttack(
            "heads", false, 500, List.of("GET / HTTP/1.1\r\n" + host + "a:\r\n".repeat(4_000))));
  }

  private static String allButOne(String path, String headers, String body) {
    return post(path, headers, body.length()) + body.substring(1);
  }

  private static String post(String path, String headers, int length) {
    return "POST "
        + path
        + " HTTP/1.1\r\n"
        + headers
        + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        + length
        + "\r\nConnection: close\r\n\r\n";
  }

  /** Attackers that each open one connection after the other. */
  private static final class HeapAttackers implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();

    static HeapAttackers of(HeapAttack heapAttack, int port) {
      HeapAttackers heapAttackers = new HeapAttackers();
      List<byte[]> requests =
          heapAttack.requests().stream().map(each -> each.getBytes(ISO_8859_1)).toList();
      InetSocketAddress front = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
      for (int i = 0; i < heapAttack.clients(); i++) {
        byte[] request = requests.get(i % requests.size());
        heapAttackers.threads.add(
            Thread.ofVirtual().start(() -> repeat(front, request, heapAttack.pause())));
      }
      return heapAttackers;
    }

    private static void repeat(InetSocketAddress front, byte[] request, Duration pause) {
      while (!Thread.currentThread().isInterrupted()) {
        try (Socket socket = new Socket()) {
          socket.bind(new InetSocketAddress(ATTACKER, 0));
          socket.connect(front, 10_000);
          socket.getOutputStream().write(request);
          socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
        } catch (IOException e) {
          // The server closed it, or did not accept it.
        }
        try {
          Thread.sleep(pause); // limits the load on the test machine
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    @Override
    public void close() {
      threads.forEach(Thread::interrupt);
      for (Thread thread : threads) {
        join(thread);
      }
    }

    private static void join(Thread thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
