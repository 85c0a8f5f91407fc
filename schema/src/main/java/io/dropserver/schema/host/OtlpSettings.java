package io.dropserver.schema.host;

import io.dropserver.schema.document.AmountType;
import io.dropserver.schema.document.MappingFields;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A collector that receives the metrics by OTLP over HTTP.
 *
 * @param url the address of its metrics, which usually ends with {@code /v1/metrics}
 * @param headersFile lines with the name and the value of a header, such as that of a token
 * @param every the time between two messages
 * @param trust PEM files of further certificate authorities
 */
public record OtlpSettings(URI url, Optional<Path> headersFile, Duration every, List<Path> trust) {
  /** The default of {@link #every}. */
  public static final Duration DEFAULT_EVERY = Duration.ofMinutes(1);

  private static final Duration MIN_EVERY = Duration.ofSeconds(5);
  private static final Duration MAX_EVERY = Duration.ofHours(1);

  static Optional<OtlpSettings> read(MappingFields metrics, FileFields files) {
    return metrics.section("otlp").map(otlp -> settings(otlp, files));
  }

  private static OtlpSettings settings(MappingFields otlp, FileFields files) {
    Optional<URI> url = otlp.uri("url").filter(HostConfigReader::isServerUrl);
    if (otlp.has("url") && url.isEmpty()) {
      otlp.problem(
          "url",
          "this is not the URL of a collector",
          "write an https URL without user and query, as in https://otel.example.org/v1/metrics;"
              + " http is only for this machine");
    }
    List<Path> trust = files.certificates(otlp, "trust");
    if (otlp.has("trust") && url.filter(each -> "http".equals(each.getScheme())).isPresent()) {
      otlp.problem("trust", "`trust` has no effect without TLS", "remove it");
    }
    return new OtlpSettings(
        url.orElse(URI.create("http://127.0.0.1/")),
        files.secret(otlp, "headersFile"),
        AmountType.DURATION.read(otlp, "every", MIN_EVERY, MAX_EVERY).orElse(DEFAULT_EVERY),
        trust);
  }
}
