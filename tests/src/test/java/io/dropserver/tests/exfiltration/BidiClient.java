package io.dropserver.tests.exfiltration;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A minimal WebDriver BiDi client (W3C) over a WebSocket. One command at a time. Events arrive on a
 * thread of the socket; everything else is confined to one thread.
 */
final class BidiClient implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final Duration TIMEOUT = Duration.ofSeconds(15);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Long, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final BiConsumer<String, JsonNode> events;
  private final WebSocket socket;
  private long last;

  private BidiClient(URI address, BiConsumer<String, JsonNode> events) {
    this.events = events;
    this.socket = http.newWebSocketBuilder().buildAsync(address, new BidiListener()).join();
  }

  /**
   * @param events receives each event's name and parameters
   */
  static BidiClient connect(URI address, BiConsumer<String, JsonNode> events) {
    return new BidiClient(address, events);
  }

  /** The browser has rejected a command. */
  static final class CommandRejected extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandRejected(String message) {
      super(message);
    }
  }

  /** Runs a command and returns its result. */
  JsonNode execute(String method, Map<String, ?> parameters) {
    long id = ++last;
    CompletableFuture<JsonNode> response = new CompletableFuture<>();
    waiting.put(id, response);
    try {
      socket
          .sendText(
              JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)),
              true)
          .join();
      JsonNode message = response.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (!message.path("type").asString("").equals("success")) {
        throw new CommandRejected(
            method + ": " + message.path("message").asString(message.toString()));
      }
      return message.path("result");
    } catch (TimeoutException e) {
      throw new CommandRejected(method + ": no answer within " + TIMEOUT);
    } catch (ExecutionException e) {
      throw new IllegalStateException(method, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(method, e);
    } finally {
      waiting.remove(id);
    }
  }

  private void dispatch(JsonNode message) {
    if (message.has("id")) {
      @Nullable CompletableFuture<JsonNode> response = waiting.get(message.path("id").asLong(0));
      if (response != null) {
        response.complete(message);
      }
    } else {
      events.accept(message.path("method").asString(""), message.path("params"));
    }
  }

  private final class BidiListener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean whole) {
      text.append(part);
      if (whole) {
        JsonNode message = JSON.readTree(text.toString());
        text.setLength(0);
        dispatch(message);
      }
      from.request(1);
      return null;
    }
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }
}
