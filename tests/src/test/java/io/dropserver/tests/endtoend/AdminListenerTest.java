package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminListenerTest {
  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private int port;

  @Test
  void healthAndMetricsReportTheServedRevision() throws Exception {
    port = LiveInstance.freePort();
    Path config = folder.resolve("dropserver.yaml");
    Files.writeString(
        config,
        """
        sandbox: {allowWeaker: [uid, cgroup, storage]}
        admin: {address: "127.0.0.1:%d"}
        """
            .formatted(port));
    try (LiveInstance instance = LiveInstance.tiny(folder, "--config", config.toString())) {
      String good = instance.repository().head();
      instance
          .repository()
          .replace("instance.yaml", "domain:", "domian:")
          .push("Nothing that could be served");
      instance.start();
      assertThat(get("/livez").statusCode()).isEqualTo(200);
      assertThat(get("/readyz").statusCode()).isEqualTo(503);

      instance
          .repository()
          .replace("instance.yaml", "domian:", "domain:")
          .write("appspaces/one.yaml", MinimalInstance.appspace("one", "1.0.0", false, 128))
          .push("Mend it");
      assertThat(good).isNotEqualTo(instance.repository().head());
      assertThat(instance.sync().served()).isTrue();
      assertThat(get("/readyz").statusCode()).isEqualTo(200);
      assertThat(instance.get("one", "/").body()).isEqualTo("version 1.0.0");
      await()
          .untilAsserted(
              () ->
                  assertThat(get("/metrics").body())
                      .contains(
                          "dropserver_http_requests_total{appspace=\"one\",status=\"2xx\"} 1.0",
                          "dropserver_http_request_duration_seconds_count{appspace=\"one\"} 1",
                          "dropserver_revision_current 1.0",
                          "dropserver_objects{ready=\"true\"} ",
                          "jvm_memory_used_bytes"));
    }
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        BodyHandlers.ofString());
  }
}
