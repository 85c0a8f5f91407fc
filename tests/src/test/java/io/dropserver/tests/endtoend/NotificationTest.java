package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An admin is notified without opening a page. */
class NotificationTest {
  @TempDir Path folder;

  @Test
  void aRefusedRevisionIsReportedToAWebhookAndToAProgram() throws Exception {
    List<String> received = new CopyOnWriteArrayList<>();
    HttpServer receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    receiver.createContext(
        "/",
        exchange -> {
          received.add(
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    receiver.start();
    Path told = folder.resolve("told");
    Path config = folder.resolve("dropserver.yaml");
    try (LiveInstance instance = LiveInstance.tiny(folder, "--config", config.toString())) {
      Files.writeString(
          config,
          """
          sandbox: {allowWeaker: [uid, cgroup, storage]}
          repo: {url: "%s"}
          notify:
            - {url: "http://127.0.0.1:%d/topic"}
            - {command: [/bin/sh, -c, 'cat > "$0"', "%s"]}
          """
              .formatted(instance.repository().remote(), receiver.getAddress().getPort(), told));
      instance.start();
      instance.repository().write("appspaces/bad.yaml", "kind: Appspace\nmetadata: {nam: x}\n");
      instance.repository().push("A mistake");
      instance.sync();
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(
              () -> assertThat(received).anyMatch(text -> text.contains("appspaces/bad.yaml:")));
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(() -> assertThat(told).content().contains("appspaces/bad.yaml:"));
    } finally {
      receiver.stop(0);
    }
  }
}
