package io.dropserver.web.admin;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.schema.host.OtlpSettings;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.ServerConditions;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusNamingConvention;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.micrometer.registry.otlp.OtlpMetricsSender;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the metrics to a collector by OTLP, under the names that a scrape has. One thread sends one
 * message at a time. Counters are totals, so nothing is queued while the collector is down: the
 * next message has the newest values. {@code MetricsNotExported} reports a collector that fails.
 * Thread-safe.
 */
public final class MetricsExport implements OtlpMetricsSender, AutoCloseable {
  public static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int MAX_HEADER_BYTES = 64 << 10;
  private static final Logger LOG = LoggerFactory.getLogger(MetricsExport.class);

  private final OtlpSettings settings;
  private final ServerConditions server;
  private final Duration timeout;
  private final HttpClient http;
  private volatile boolean closed;

  /** Whether the last message failed. Used by the sending thread only. */
  private boolean failing;

  private MetricsExport(OtlpSettings settings, ServerConditions server, Duration timeout) {
    this.settings = settings;
    this.server = server;
    this.timeout = timeout;
    HttpClient.Builder client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER);
    if ("https".equals(settings.url().getScheme())) {
      client.sslContext(TrustedAuthorities.with("metrics.otlp.trust", settings.trust()).context());
    }
    this.http = client.build();
  }

  /**
   * Starts to send all meters that the registry has and will have.
   *
   * @param timeout the maximum duration until the collector answers
   * @return stops it
   */
  public static AutoCloseable start(
      OtlpSettings settings,
      CompositeMeterRegistry registry,
      ServerConditions server,
      Duration timeout) {
    MetricsExport export = new MetricsExport(settings, server, timeout);
    OtlpMeterRegistry otlp =
        OtlpMeterRegistry.builder(new Config(settings))
            .clock(Clock.SYSTEM)
            .threadFactory(Thread.ofPlatform().name("metrics-export").daemon().factory())
            .metricsSender(export)
            .build();
    otlp.config().namingConvention(new PrometheusNamingConvention());
    registry.add(otlp);
    return () -> {
      export.close();
      registry.remove(otlp);
      otlp.close();
    };
  }

  @Override
  public void send(Request request) throws InterruptedException {
    if (closed) {
      return;
    }
    try {
      post(request.getMetricsData());
      report(null);
    } catch (IOException | IllegalArgumentException e) {
      report(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
    }
  }

  private void post(byte[] message) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.url())
            .timeout(timeout)
            .header("User-Agent", "Dropserver")
            .POST(BodyPublishers.ofByteArray(message));
    if (settings.headersFile().isPresent()) {
      addHeaders(request, settings.headersFile().get());
    }
    request.setHeader("Content-Type", "application/x-protobuf");
    HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
    // Do not read the response body, which may be of any length.
    response.body().close();
    if (response.statusCode() / 100 != 2) {
      throw new IOException("it responded with status " + response.statusCode());
    }
  }

  /** Adds the headers of the file. A message about a line does not repeat it. */
  private static void addHeaders(HttpRequest.Builder request, Path file) throws IOException {
    byte[] bytes;
    try (InputStream input = Files.newInputStream(file)) {
      bytes = input.readNBytes(MAX_HEADER_BYTES + 1);
    }
    if (bytes.length > MAX_HEADER_BYTES) {
      throw new IOException(file + " has more than 64 KiB");
    }
    int number = 0;
    for (String line : new String(bytes, StandardCharsets.UTF_8).lines().toList()) {
      number++;
      int colon = line.indexOf(':');
      if (line.isBlank()) {
        continue;
      }
      try {
        request.header(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
      } catch (IndexOutOfBoundsException | IllegalArgumentException _) {
        // The message of the exception contains the header.
        throw new IOException(
            "line %d of %s is not a header; write NAME: VALUE".formatted(number, file));
      }
    }
  }

  /**
   * @param problem why the message was not accepted, if it was not
   */
  private void report(@Nullable String problem) {
    if (closed) {
      return;
    }
    if (problem == null) {
      if (failing) {
        LOG.info("the collector of metrics accepts messages again");
      }
      server.clear(ConditionType.METRICS_NOT_EXPORTED);
    } else {
      // Without the path, which may contain a key.
      String message =
          "the collector of metrics at %s://%s does not accept messages: %s; correct metrics.otlp in the host's configuration, or repair the collector; the next attempt follows in %d s"
              .formatted(
                  settings.url().getScheme(),
                  settings.url().getRawAuthority(),
                  problem,
                  settings.every().toSeconds());
      if (!failing) {
        LOG.warn("{}", message);
      }
      server.set(ConditionType.METRICS_NOT_EXPORTED, InstanceReason.COLLECTOR_UNUSABLE, message);
    }
    failing = problem != null;
  }

  /** Ends a request in progress. No message follows. */
  @Override
  public void close() {
    closed = true;
    http.shutdownNow();
  }

  private record Config(OtlpSettings settings) implements OtlpConfig {
    @Override
    public @Nullable String get(String key) {
      return null;
    }

    @Override
    public String url() {
      return settings.url().toString();
    }

    @Override
    public Duration step() {
      return settings.every();
    }

    @Override
    public Map<String, String> headers() {
      return Map.of();
    }

    @Override
    public TimeUnit baseTimeUnit() {
      return TimeUnit.SECONDS;
    }

    /** Returns those of {@code OTEL_RESOURCE_ATTRIBUTES}, and the name of the service. */
    @Override
    public Map<String, String> resourceAttributes() {
      Map<String, String> attributes = new TreeMap<>(OtlpConfig.super.resourceAttributes());
      attributes.compute(
          "service.name",
          (_, name) -> name == null || name.equals("unknown_service") ? "dropserver" : name);
      return attributes;
    }
  }
}
