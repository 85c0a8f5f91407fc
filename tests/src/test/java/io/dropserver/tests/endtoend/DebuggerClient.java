package io.dropserver.tests.endtoend;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A debugger that speaks the DevTools protocol over a WebSocket, as Chrome's does. */
final class DebuggerClient implements WebSocket.Listener, AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int TIMEOUT_SECONDS = 60;

  private final HttpClient http = HttpClient.newHttpClient();
  private final LinkedBlockingQueue<JsonNode> received = new LinkedBlockingQueue<>();
  private final List<JsonNode> events = new ArrayList<>();
  private final Map<String, String> scripts = new HashMap<>();
  private final StringBuilder text = new StringBuilder();
  private final WebSocket socket;
  private int calls;

  DebuggerClient(String address) {
    socket = http.newWebSocketBuilder().buildAsync(URI.create(address), this).join();
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      received.add(JSON.readTree(text.toString()));
      text.setLength(0);
    }
    webSocket.request(1);
    return null;
  }

  /** Calls a method and returns its result. */
  JsonNode call(String method, String parameters) throws InterruptedException {
    int id = ++calls;
    socket
        .sendText(
            "{\"id\":%d,\"method\":\"%s\",\"params\":%s}".formatted(id, method, parameters), true)
        .join();
    while (true) {
      JsonNode message = next();
      if (message.path("id").asInt(-1) == id) {
        return message;
      }
      events.add(message);
    }
  }

  /** Returns the next event of a name, also one that was received during a call. */
  JsonNode await(String event) throws InterruptedException {
    while (true) {
      for (JsonNode message : events) {
        if (message.path("method").asString("").equals(event)) {
          events.remove(message);
          return message.path("params");
        }
      }
      events.add(next());
    }
  }

  private JsonNode next() throws InterruptedException {
    JsonNode message = received.poll(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    if (message == null) {
      throw new AssertionError(
          "the inspector sent nothing; earlier events: "
              + events.stream().map(event -> event.path("method").asString("")).toList());
    }
    JsonNode script = message.path("params");
    if (script.has("scriptId")) {
      scripts.put(script.path("scriptId").asString(), script.path("url").asString(""));
    }
    return message;
  }

  /** Waits until the app stops, and returns the URL of the module in which it stopped. */
  String awaitStop() throws InterruptedException {
    JsonNode stopped = await("Debugger.paused");
    JsonNode location = stopped.path("callFrames").path(0).path("location");
    return scripts.getOrDefault(location.path("scriptId").asString(""), "");
  }

  @Override
  public void close() {
    socket.abort();
    http.close();
  }
}
