package io.dropserver.sandbox.app;

import io.dropserver.base.http1.HeadEncoder;
import io.dropserver.egress.gateway.TrustedAuthorities;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The only network access of an installation. Deno requests whole {@code https:} URLs in clear text
 * over a Unix socket. The gateway makes the TLS connection, only to the allowed registries and only
 * for reading. Thread-safe.
 */
final class RegistryGateway implements AutoCloseable {
  /** The maximum amount of data that one installation may fetch. */
  private static final long MAX_BYTES = 512L << 20;

  /** The maximum number of URLs that are recorded for each kind of problem. */
  static final int MAX_REPORTED = 100;

  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(60);
  private static final List<String> FORWARDED_REQUEST_HEADERS =
      List.of("accept", "accept-encoding", "user-agent");
  private static final List<String> FORWARDED_RESPONSE_HEADERS =
      List.of(
          "content-type",
          "content-encoding",
          "content-length",
          "etag",
          "location",
          "cache-control");

  private final Set<Origin> allowed;
  private final HttpClient client;
  private final ProxySocket socket;
  private final Set<String> refused = new ConcurrentSkipListSet<>();
  private final Set<String> failed = new ConcurrentSkipListSet<>();
  private final Set<String> truncated = new ConcurrentSkipListSet<>();
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param allowed the only origins that are reached; if empty, every request is refused and
   *     recorded
   */
  RegistryGateway(Path socket, Set<Origin> allowed, TrustedAuthorities trusted) throws IOException {
    this.allowed = Set.copyOf(allowed);
    this.client =
        HttpClient.newBuilder()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(Duration.ofSeconds(15))
            .sslContext(trusted.context())
            .build();
    this.socket = ProxySocket.listen(socket, this::respond);
  }

  /**
   * Returns the requested URLs that do not belong to an allowed registry, without their queries.
   */
  Set<String> refused() {
    return Set.copyOf(refused);
  }

  /** Returns the reasons why requests to a registry failed. */
  Set<String> failed() {
    return Set.copyOf(failed);
  }

  /** Returns the URLs whose responses broke off. Deno may report them as wrong checksums. */
  Set<String> truncated() {
    return Set.copyOf(truncated);
  }

  private void respond(ProxySocket.Request request, OutputStream out) throws IOException {
    if (!request.method().equals("GET") || !allowed.contains(Origin.of(request.url()))) {
      report(refused, PackageDownload.displayUrl(request.url()));
      ProxySocket.respond(
          out, 403, "An installation may read from the configured registries only.");
      return;
    }
    try {
      forward(request, out);
    } catch (IOException e) {
      report(
          failed,
          PackageDownload.displayUrl(request.url()) + ": " + Printable.of(String.valueOf(e)));
      throw e;
    } catch (IllegalArgumentException e) {
      ProxySocket.respond(out, 400, "The URL or a header of the request is not valid.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Records a text, unless enough are recorded. */
  private static void report(Set<String> texts, String text) {
    if (texts.size() < MAX_REPORTED) {
      texts.add(text);
    }
  }

  private void forward(ProxySocket.Request request, OutputStream out)
      throws IOException, InterruptedException {
    var forwarded = HttpRequest.newBuilder(request.url()).timeout(ANSWER_TIMEOUT).GET();
    FORWARDED_REQUEST_HEADERS.forEach(
        name -> request.headers().first(name).ifPresent(value -> forwarded.header(name, value)));
    HttpResponse<InputStream> response =
        client.send(forwarded.build(), BodyHandlers.ofInputStream());
    if (response.statusCode() >= 400) {
      report(
          failed, PackageDownload.displayUrl(request.url()) + ": status " + response.statusCode());
    }
    HeadEncoder head = ProxySocket.head(response.statusCode());
    for (String name : FORWARDED_RESPONSE_HEADERS) {
      response
          .headers()
          .firstValue(name)
          .filter(value -> value.chars().allMatch(c -> c >= ' '))
          .ifPresent(value -> head.field(name, value));
    }
    head.end(out);
    try (InputStream body = new BufferedInputStream(response.body())) {
      copy(request, body, out);
    }
  }

  private void copy(ProxySocket.Request request, InputStream body, OutputStream out)
      throws IOException {
    byte[] buffer = new byte[64 << 10];
    for (int read = read(request, body, buffer); read >= 0; read = read(request, body, buffer)) {
      if (bytes.addAndGet(read) > MAX_BYTES) {
        throw new IOException("the dependencies are larger than " + (MAX_BYTES >> 20) + " MiB");
      }
      out.write(buffer, 0, read);
    }
  }

  private int read(ProxySocket.Request request, InputStream body, byte[] buffer)
      throws IOException {
    try {
      return body.read(buffer);
    } catch (IOException e) {
      report(truncated, PackageDownload.displayUrl(request.url()));
      throw e;
    }
  }

  @Override
  public void close() {
    socket.close();
    client.shutdownNow();
  }

  /** An origin of a URL, in lower case. */
  record Origin(String scheme, String host, int port) {
    static Origin of(URI url) {
      String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
      String host = String.valueOf(url.getHost()).toLowerCase(Locale.ROOT);
      int standard = scheme.equals("https") ? 443 : 80;
      return new Origin(scheme, host, url.getPort() < 0 ? standard : url.getPort());
    }
  }
}
