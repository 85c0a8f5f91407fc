package io.dropserver.tests.endtoend;

import static io.dropserver.tests.endtoend.AppDevProcess.TIMEOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code dropserver app dev --inspect}, with the DevTools protocol and a real sandbox. */
@Tag("slow")
@Timeout(600)
class AppInspectTest {
  private static final Pattern ADDRESS = Pattern.compile("ws://127\\.0\\.0\\.1:(\\d+)/(\\w{32})");

  @TempDir Path folder;

  @Test
  void aDebuggerEvaluatesAndStopsAtABreakpoint() throws Exception {
    try (AppDevProcess dev = AppDevProcess.start(folder, "--inspect");
        MemberClient owner = dev.enter("owner")) {
      assertThat(owner.get("/").body()).contains("Hello Owner");
      attacksAreRefused(dev);
      try (DebuggerClient debugger = new DebuggerClient(address(dev).group())) {
        assertThat(evaluate(debugger, "6 * 7").asInt()).isEqualTo(42);
        assertThat(evaluate(debugger, requestTo(dev.port())).asString()).isEqualTo("refused");
        stopInRequest(debugger, owner);
      }
      // The next version is another process, at the same address.
      dev.replace("main.ts", "Hello ", "Good day, ");
      await()
          .atMost(TIMEOUT)
          .untilAsserted(() -> assertThat(owner.get("/").body()).contains("Good day, Owner"));
      try (DebuggerClient debugger = new DebuggerClient(address(dev).group())) {
        assertThat(evaluate(debugger, "1 + 1").asInt()).isEqualTo(2);
      }
      assertThat(dev.output()).doesNotContain("backup", "Debugger listening");
    }
  }

  @Test
  void anAppWaitsForADebuggerBeforeItsFirstStatement() throws Exception {
    try (AppDevProcess dev = AppDevProcess.start(folder, "--inspect-brk");
        MemberClient owner = dev.enter("owner")) {
      CompletableFuture<String> page = CompletableFuture.supplyAsync(() -> get(owner));
      String address = address(dev).group();
      try (DebuggerClient debugger = attach(address)) {
        debugger.call("Debugger.enable", "{}");
        debugger.call("Runtime.enable", "{}");
        debugger.call("Runtime.runIfWaitingForDebugger", "{}");
        assertThat(debugger.awaitStop()).endsWith("/inspector_break.ts");
        assertThat(page.getNow("")).doesNotContain("Hello");
        debugger.call("Debugger.resume", "{}");
        await().atMost(TIMEOUT).until(() -> get(owner).contains("Hello Owner"));
      }
      dev.press('q');
      assertThat(dev.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  /** A TCP socket in the sandbox of an app that is debugged still leads nowhere. */
  private static String requestTo(int port) {
    return "fetch('http://127.0.0.1:%d/').then(() => 'reached', () => 'refused')".formatted(port);
  }

  private static void stopInRequest(DebuggerClient debugger, MemberClient owner) throws Exception {
    debugger.call("Debugger.enable", "{}");
    // Line 5 of the JavaScript that Deno makes of the file, inside `fetch`.
    JsonNode placed =
        debugger.call(
            "Debugger.setBreakpointByUrl",
            "{\"urlRegex\":\"file:///app/main\\\\.ts\",\"lineNumber\":4}");
    assertThat(placed.path("result").path("locations").size()).as("%s", placed).isPositive();
    CompletableFuture<String> page = CompletableFuture.supplyAsync(() -> get(owner));
    assertThat(debugger.awaitStop()).isEqualTo("file:///app/main.ts");
    assertThat(page.getNow("stopped")).isEqualTo("stopped");
    debugger.call("Debugger.resume", "{}");
    assertThat(page.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS)).contains("Hello Owner");
  }

  private static JsonNode evaluate(DebuggerClient debugger, String code) throws Exception {
    JsonNode answer =
        debugger.call(
            "Runtime.evaluate", "{\"expression\":\"%s\",\"awaitPromise\":true}".formatted(code));
    return answer.path("result").path("result").path("value");
  }

  private static String get(MemberClient owner) {
    try {
      return owner.get("/").body();
    } catch (Exception e) {
      return e.toString();
    }
  }

  /** Attaches once the sandbox has started. */
  private static DebuggerClient attach(String address) {
    return await()
        .atMost(TIMEOUT)
        .ignoreExceptions()
        .until(() -> new DebuggerClient(address), client -> true);
  }

  /** Sends what a page of another site, a rebound name, or another user of the machine can send. */
  private static void attacksAreRefused(AppDevProcess dev) throws Exception {
    int port = Integer.parseInt(address(dev).group(1));
    String path = "/" + address(dev).group(2);
    String host = "127.0.0.1:" + port;
    String evil = "Origin: http://evil.example\r\n";
    String app = "Origin: http://notes.dev.localhost:" + dev.port() + "\r\n";
    assertThat(status(port, path, host, "")).contains(" 101 ");
    assertThat(status(port, path, host, "Origin: devtools://devtools\r\n")).contains(" 101 ");
    assertThat(status(port, path, host, evil)).contains(" 403 ");
    assertThat(status(port, path, host, app)).contains(" 403 ");
    assertThat(status(port, path, host, "Origin: null\r\n")).contains(" 403 ");
    assertThat(status(port, path, "evil.example:" + port, "")).contains(" 403 ");
    assertThat(status(port, path, "127.0.0.1", "")).contains(" 403 ");
    assertThat(status(port, path, host, "Host: " + host + "\r\n")).contains(" 403 ");
    for (String guess : new String[] {"/", "/json/list", "/json", path + "0", path + "/json"}) {
      assertThat(status(port, guess, host, "")).as(guess).contains(" 403 ");
    }
    // The app's own host and the shell have no such address.
    assertThat(status(dev.port(), path, "notes.dev.localhost:" + dev.port(), ""))
        .doesNotContain(" 101 ");
    assertThat(status(dev.port(), path, "dev.localhost:" + dev.port(), "")).doesNotContain(" 101 ");
  }

  private static String status(int port, String path, String host, String headers)
      throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(20_000);
      String request =
          "GET "
              + path
              + " HTTP/1.1\r\nHost: "
              + host
              + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              + headers
              + "\r\n";
      OutputStream out = socket.getOutputStream();
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readNBytes(20), StandardCharsets.US_ASCII);
    }
  }

  private static Matcher address(AppDevProcess dev) throws IOException {
    dev.waitFor("debugger: ws://");
    Matcher found = ADDRESS.matcher(dev.output());
    assertThat(found.find()).isTrue();
    return found;
  }
}
