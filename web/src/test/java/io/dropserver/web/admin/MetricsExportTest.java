package io.dropserver.web.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dropserver.schema.host.OtlpSettings;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.web.RecordedConditions;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class MetricsExportTest {
  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(MetricsExport.class);
  private static final Duration EVERY = Duration.ofMillis(200);

  @TempDir Path folder;
  private final CompositeMeterRegistry registry = new CompositeMeterRegistry();
  private final List<ExportMetricsServiceRequest> messages = new CopyOnWriteArrayList<>();
  private final List<Map<String, List<String>>> headers = new CopyOnWriteArrayList<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final RecordedConditions server = new RecordedConditions();
  private HttpServer collector;
  private AutoCloseable export = () -> {};

  private volatile Answer answer = exchange -> exchange.sendResponseHeaders(200, -1);

  private interface Answer {
    void to(HttpExchange exchange) throws IOException, InterruptedException;
  }

  @BeforeEach
  void open() throws IOException {
    collector = listen(0);
    // A registry without meters sends nothing.
    Gauge.builder("dropserver.objects", () -> 7).register(registry);
    log.start();
    LOGGER.setLevel(Level.INFO);
    LOGGER.addAppender(log);
  }

  @AfterEach
  void close() throws Exception {
    LOGGER.detachAppender(log);
    LOGGER.setLevel(null);
    export.close();
    end.countDown();
    collector.stop(0);
  }

  private HttpServer listen(int port) throws IOException {
    HttpServer http =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    http.createContext(
        "/v1/metrics",
        exchange -> {
          headers.add(Map.copyOf(exchange.getRequestHeaders()));
          messages.add(ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody()));
          try {
            answer.to(exchange);
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          exchange.close();
        });
    http.start();
    return http;
  }

  private void start(Optional<Path> headersFile, Duration timeout) {
    URI url = URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/metrics");
    export =
        MetricsExport.start(
            new OtlpSettings(url, headersFile, EVERY, List.of()), registry, server, timeout);
  }

  private static Map<String, Metric> metrics(ExportMetricsServiceRequest message) {
    return message.getResourceMetricsList().stream()
        .flatMap(each -> each.getScopeMetricsList().stream())
        .flatMap(each -> each.getMetricsList().stream())
        .collect(Collectors.toMap(Metric::getName, Function.identity()));
  }

  private static Metric metric(ExportMetricsServiceRequest message, String name) {
    Map<String, Metric> metrics = metrics(message);
    assertThat(metrics).containsKey(name);
    return Objects.requireNonNull(metrics.get(name));
  }

  private Optional<Condition> condition() {
    return server.find(ConditionType.METRICS_NOT_EXPORTED);
  }

  @Test
  void theMessagesHaveTheNamesAndValuesOfAScrape() {
    Counter requests =
        Counter.builder("dropserver.http.requests").tag("status", "2xx").register(registry);
    Gauge.builder("dropserver.nothing", () -> Double.NaN).register(registry);
    Timer duration =
        Timer.builder("dropserver.http.request.duration")
            .serviceLevelObjectives(Duration.ofMillis(5), Duration.ofSeconds(1))
            .register(registry);
    start(Optional.empty(), MetricsExport.TIMEOUT);
    requests.increment(3);
    duration.record(Duration.ofMillis(100));
    await()
        .untilAsserted(
            () -> {
              assertThat(messages).isNotEmpty();
              ExportMetricsServiceRequest message = messages.getLast();
              Metric counter = metric(message, "dropserver_http_requests");
              assertThat(counter.getSum().getIsMonotonic()).isTrue();
              assertThat(counter.getSum().getDataPoints(0).getAsDouble()).isEqualTo(3);
              assertThat(counter.getSum().getDataPoints(0).getAttributes(0).getKey())
                  .isEqualTo("status");
              assertThat(
                      metric(message, "dropserver_objects")
                          .getGauge()
                          .getDataPoints(0)
                          .getAsDouble())
                  .isEqualTo(7);
              var histogram =
                  metric(message, "dropserver_http_request_duration_seconds").getHistogram();
              assertThat(histogram.getDataPoints(0).getSum()).isEqualTo(0.1);
              assertThat(histogram.getDataPoints(0).getExplicitBoundsList())
                  .containsExactly(0.005, 1.0);
              assertThat(
                      metric(message, "dropserver_nothing")
                          .getGauge()
                          .getDataPoints(0)
                          .getAsDouble())
                  .isNaN();
              assertThat(message.getResourceMetricsList())
                  .extracting(ResourceMetrics::getResource)
                  .anySatisfy(
                      resource -> assertThat(resource.toString()).contains("\"dropserver\""));
            });
    assertThat(condition()).isEmpty();
    assertThat(log.list).isEmpty();
  }

  @Test
  void headersAreReadFromTheirFileForEachMessage() throws Exception {
    Path file = Files.writeString(folder.resolve("headers"), "Authorization: Bearer s3cret-1\n");
    start(Optional.of(file), MetricsExport.TIMEOUT);
    await().untilAsserted(() -> assertThat(headers).anySatisfy(MetricsExportTest::hasFirst));
    Files.writeString(file, "Authorization: Bearer s3cret-2\n\nX-Scope: home\n");
    await()
        .untilAsserted(
            () ->
                assertThat(headers)
                    .anySatisfy(
                        each ->
                            assertThat(each)
                                .containsEntry("Authorization", List.of("Bearer s3cret-2"))
                                .containsEntry("X-scope", List.of("home"))
                                .containsEntry("Content-type", List.of("application/x-protobuf"))));
    for (String wrong : List.of("s3cret-3", "A b: s3cret-3", "A: s3cret-3\u0001")) {
      Files.writeString(file, "\n" + wrong + "\n");
      await().untilAsserted(() -> assertThat(condition()).isPresent());
      assertThat(condition().orElseThrow().message())
          .contains("line 2 of " + file + " is not a header; write NAME: VALUE")
          .doesNotContain("s3cret");
      Files.writeString(file, "");
      await().untilAsserted(() -> assertThat(condition()).isEmpty());
    }
    assertThat(log.list.toString()).doesNotContain("s3cret");
  }

  private static void hasFirst(Map<String, List<String>> each) {
    assertThat(each).containsEntry("Authorization", List.of("Bearer s3cret-1"));
  }

  @Test
  void aCollectorThatFailsIsReportedOnceAndAgainWhenItAccepts() throws Exception {
    answer = exchange -> exchange.sendResponseHeaders(503, -1);
    start(Optional.empty(), MetricsExport.TIMEOUT);
    await().untilAsserted(() -> assertThat(messages).hasSizeGreaterThan(2));
    assertThat(condition())
        .hasValueSatisfying(it -> assertThat(it.message()).contains("responded with status 503"));
    int port = collector.getAddress().getPort();
    collector.stop(0);
    await()
        .untilAsserted(() -> assertThat(condition().orElseThrow().message()).doesNotContain("503"));
    assertThat(log.list).hasSize(1);
    assertThat(condition().orElseThrow().message())
        .contains("http://127.0.0.1:" + port + " does not accept messages")
        .doesNotContain("/v1/metrics", "null");
    answer = exchange -> exchange.sendResponseHeaders(200, -1);
    collector = listen(port);
    await().untilAsserted(() -> assertThat(condition()).isEmpty());
    await().untilAsserted(() -> assertThat(log.list).hasSize(2));
  }

  @Test
  void aCollectorThatNeverAnswersGetsOneMessageAtATimeAndDelaysNoShutdown() throws Exception {
    answer = _ -> end.await();
    start(Optional.empty(), Duration.ofDays(1));
    await().untilAsserted(() -> assertThat(messages).isNotEmpty());
    // The registry is still usable, and further messages are not begun.
    Counter counter = registry.counter("later");
    counter.increment();
    assertThat(counter.count()).isEqualTo(1);
    export.close();
    assertThat(messages).hasSize(1);
    assertThat(condition()).isEmpty();
  }

  @Test
  void aSlowCollectorIsReported() {
    answer = _ -> end.await();
    start(Optional.empty(), Duration.ofMillis(100));
    await()
        .untilAsserted(
            () ->
                assertThat(condition())
                    .hasValueSatisfying(it -> assertThat(it.message()).contains("timed out")));
  }

  @Test
  void anAnswerWithoutEndIsNotRead() {
    answer =
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().flush();
          end.await();
        };
    start(Optional.empty(), MetricsExport.TIMEOUT);
    await().untilAsserted(() -> assertThat(messages).hasSizeGreaterThan(1));
    assertThat(condition()).isEmpty();
  }
}
