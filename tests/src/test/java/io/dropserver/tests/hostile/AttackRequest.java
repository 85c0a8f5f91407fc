package io.dropserver.tests.hostile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends requests to the suite's app, bypassing the front door. A crash of the sandbox is a valid
 * result.
 */
final class AttackRequest {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final ScheduledExecutorService WATCH =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

  private AttackRequest() {}

  /**
   * @param obtained what the attack claims to have obtained
   * @param stopped the error that stopped it otherwise
   */
  record AttackResponse(Optional<String> obtained, String stopped) {}

  static AttackResponse send(
      UnixDomainSocketAddress address, String attack, Map<String, Object> target) {
    return send(address, attack, target, TIMEOUT);
  }

  static AttackResponse send(
      UnixDomainSocketAddress address,
      String attack,
      Map<String, Object> target,
      Duration timeout) {
    try {
      String body = JSON.writeValueAsString(target);
      String response = exchange(address, "POST /?attack=" + attack, body, timeout);
      int end = response.indexOf("\r\n\r\n");
      JsonNode json = JSON.readTree(response.substring(end + 4));
      return new AttackResponse(
          json.path("obtained").isString()
              ? Optional.of(json.path("obtained").asString())
              : Optional.empty(),
          json.path("stopped").asString("obtained nothing"));
    } catch (IOException | JacksonException | StringIndexOutOfBoundsException e) {
      return new AttackResponse(Optional.empty(), "the sandbox ended: " + e.getMessage());
    }
  }

  /** Returns the response to a request after the attack, or an empty string if there is none. */
  static String ready(UnixDomainSocketAddress address) {
    try {
      return exchange(address, "GET /", "", TIMEOUT);
    } catch (IOException e) {
      return "";
    }
  }

  static void seed(UnixDomainSocketAddress address) throws IOException {
    String response = exchange(address, "POST /?seed", "{}", TIMEOUT);
    if (!response.startsWith("HTTP/1.1 200")) {
      throw new IOException("the neighbour could not leave its diary: " + response);
    }
  }

  private static String exchange(
      UnixDomainSocketAddress address, String line, String body, Duration timeout)
      throws IOException {
    try (SocketChannel channel = SocketChannel.open(address)) {
      var late = WATCH.schedule(() -> close(channel), timeout.toMillis(), TimeUnit.MILLISECONDS);
      String request =
          line
              + " HTTP/1.1\r\nHost: attacks.localhost\r\nConnection: close\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      ByteArrayOutputStream response = new ByteArrayOutputStream();
      ByteBuffer buffer = ByteBuffer.allocate(8192);
      while (channel.read(buffer) >= 0) {
        response.write(buffer.array(), 0, buffer.position());
        buffer.clear();
      }
      late.cancel(false);
      return response.toString(StandardCharsets.UTF_8);
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
