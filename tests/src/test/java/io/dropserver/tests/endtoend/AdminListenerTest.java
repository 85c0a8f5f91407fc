package io.dropserver.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.tests.Checkout;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminListenerTest {
  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicReference<ExportMetricsServiceRequest> message =
      new AtomicReference<>(ExportMetricsServiceRequest.getDefaultInstance());
  private HttpServer collector;
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
        metrics: {otlp: {url: "http://127.0.0.1:%d/v1/metrics", every: 5s}}
        """
            .formatted(port, collector.getAddress().getPort()));
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
      assertThat(get("/metrics").body())
          .contains(
              "dropserver_http_request_duration_seconds_bucket{appspace=\"one\",le=\"5.0\"} 1",
              "dropserver_approvals_waiting 0.0",
              "dropserver_logins_total{method=\"password\",result=\"failed\"} 0.0",
              "dropserver_certificate_remaining_seconds NaN")
          .containsPattern("dropserver_disk_free_bytes [1-9]");
      // The rows of a sandbox appear with the first measurement of its usage.
      await()
          .untilAsserted(() -> everyFamilyHasHelpAndDocumentedMetricsExist(get("/metrics").body()));
      alertsAndDashboardUseOnlyExportedSeries(get("/metrics").body());
      await()
          .atMost(LiveInstance.TIMEOUT)
          .untilAsserted(this::theCollectorHasEveryDocumentedMetric);
    }
  }

  @BeforeEach
  void startCollector() throws Exception {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/metrics",
        exchange -> {
          message.set(ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody()));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
  }

  @AfterEach
  void stopCollector() {
    collector.stop(0);
  }

  /** Compares the newest message by OTLP with the pages and with a scrape. */
  private void theCollectorHasEveryDocumentedMetric() throws Exception {
    List<Metric> metrics =
        message.get().getResourceMetricsList().stream()
            .flatMap(each -> each.getScopeMetricsList().stream())
            .flatMap(each -> each.getMetricsList().stream())
            .toList();
    assertThat(metrics)
        .map(metric -> metric.getName() + (isCounter(metric) ? "_total" : ""))
        .map(name -> name.replace("_total_total", "_total"))
        // Micrometer puts the unit of a maximum behind it for OTLP, and before it for Prometheus.
        .map(name -> name.replaceFirst("_max_seconds$", "_seconds_max"))
        .containsAll(documentedMetrics())
        .containsAll(
            matches("(?m)^# TYPE (\\w+)", get("/metrics").body()).stream()
                .map(match -> match.group(1))
                .filter(name -> name.startsWith("dropserver_"))
                .toList());
    assertThat(metrics)
        .filteredOn(metric -> metric.getName().startsWith("dropserver_http_requests"))
        .flatMap(metric -> metric.getSum().getDataPointsList())
        .anySatisfy(
            point -> {
              assertThat(point.getAttributesList())
                  .map(
                      attribute -> attribute.getKey() + "=" + attribute.getValue().getStringValue())
                  .containsExactlyInAnyOrder("appspace=one", "status=2xx");
              assertThat(point.getAsDouble()).isEqualTo(1);
            });
  }

  private static boolean isCounter(Metric metric) {
    return metric.hasSum() && metric.getSum().getIsMonotonic();
  }

  private static Set<String> documentedMetrics() throws Exception {
    String page = Files.readString(Checkout.root().resolve("docs/operate/monitoring.md"));
    Set<String> documented = new TreeSet<>();
    matches("`(dropserver_[a-z_]+[a-z])(?:\\{[a-z,]+\\})?`", page)
        .forEach(match -> documented.add(match.group(1)));
    assertThat(documented).hasSizeGreaterThan(15);
    return documented;
  }

  private static void everyFamilyHasHelpAndDocumentedMetricsExist(String scrape) throws Exception {
    assertThat(matches("(?m)^# TYPE (\\w+)", scrape))
        .map(match -> match.group(1))
        .containsAll(documentedMetrics())
        .allSatisfy(name -> assertThat(scrape).containsPattern("# HELP " + name + " \\S"));
  }

  private static void alertsAndDashboardUseOnlyExportedSeries(String scrape) throws Exception {
    Map<String, Set<String>> labels = new TreeMap<>();
    for (MatchResult series : matches("(?m)^(\\w+)(\\{.*\\})? ", scrape)) {
      Set<String> known = labels.computeIfAbsent(series.group(1), _ -> new TreeSet<>());
      if (series.group(2) != null) {
        matches("(\\w+)=\"", series.group(2)).forEach(label -> known.add(label.group(1)));
      }
      // Prometheus adds the label of the server.
      known.add("instance");
    }
    for (String file : List.of("prometheus/dropserver.rules.yaml", "grafana/dropserver.json")) {
      String text =
          Files.readString(Checkout.root().resolve("packaging/" + file)).replace("\\\"", "\"");
      List<MatchResult> uses = matches("((?:dropserver|jvm)_[a-z_]+)(?:\\{([^}]*)\\})?", text);
      assertThat(uses).hasSizeGreaterThan(12);
      for (MatchResult use : uses) {
        assertThat(labels).containsKey(use.group(1));
        if (use.group(2) != null) {
          assertThat(labels.get(use.group(1)))
              .containsAll(
                  matches("(\\w+)(?:=~|=)\"", use.group(2)).stream()
                      .map(each -> each.group(1))
                      .toList());
        }
      }
      assertThat(matches("by \\(([a-z, ]+)\\)", text))
          .flatMap(by -> List.of(by.group(1).split(", ")))
          .allSatisfy(
              label -> assertThat(labels.values()).anyMatch(known -> known.contains(label)));
    }
  }

  private static List<MatchResult> matches(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().toList();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
        BodyHandlers.ofString());
  }
}
