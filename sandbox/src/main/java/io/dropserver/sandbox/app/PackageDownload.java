package io.dropserver.sandbox.app;

import io.dropserver.base.text.Sha256;
import io.dropserver.base.text.Sizes;
import io.dropserver.egress.gateway.TrustedAuthorities;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Downloads a file of bounded size.
 *
 * @param maxBytes the download fails as soon as more arrives
 * @param deadline for the whole download, even if data keeps trickling in
 * @param rule decides which redirects are followed
 * @param clients creates the HTTP client of one download
 */
record PackageDownload(
    long maxBytes, Duration deadline, RedirectRule rule, Supplier<HttpClient.Builder> clients) {

  private static final int MAX_REDIRECTS = 5;
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(15);

  /** Returns the download of a package. */
  static PackageDownload of(TrustedAuthorities trusted) {
    return new PackageDownload(
        128L << 20,
        Duration.ofMinutes(5),
        RedirectRule.SYSTEM,
        () -> HttpClient.newBuilder().sslContext(trusted.context()));
  }

  /** Returns the download of a package's signature from the same servers. */
  PackageDownload ofSignature() {
    return new PackageDownload(16L << 10, Duration.ofMinutes(1), rule, clients);
  }

  PackageDownload(long maxBytes, Duration deadline) {
    this(maxBytes, deadline, RedirectRule.SYSTEM, HttpClient::newBuilder);
  }

  /**
   * Downloads the file, and blocks until the download ends.
   *
   * @return the sha256 of the file in hex
   * @throws IOException with a message that names the URL, without its query and user
   */
  String downloadTo(Path target, URI url) throws IOException {
    var task = new FutureTask<>(() -> transfer(target, url));
    Thread thread = Thread.ofVirtual().name("download").start(task);
    try {
      return task.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      thread.interrupt();
      throw new IOException(
          "The download of the package at %s did not finish within %d s. Try again, or host it on a faster server."
              .formatted(displayUrl(url), deadline.toSeconds()),
          e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(failure(url, cause), cause);
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("The download of " + displayUrl(url) + " was cancelled.");
    }
  }

  private String transfer(Path target, URI url) throws IOException, InterruptedException {
    if ("file".equalsIgnoreCase(url.getScheme())) {
      return copy(Files.newInputStream(Path.of(url)), target);
    }
    // One client per download: downloads are rare, so no connection is kept open between them.
    try (HttpClient client =
        clients
            .get()
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_TIMEOUT)
            .build()) {
      return copy(open(client, url), target);
    }
  }

  private InputStream open(HttpClient client, URI start) throws IOException, InterruptedException {
    URI url = start;
    rule.requireStart(url);
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(url).timeout(deadline).GET().build(),
              BodyHandlers.ofInputStream());
      int status = response.statusCode();
      if (status == 200) {
        return response.body();
      }
      response.body().close();
      String location = response.headers().firstValue("Location").orElse("");
      if (status < 300 || status > 399 || location.isEmpty()) {
        throw new IOException("the server answered " + status);
      }
      URI next = target(url, location);
      rule.requireRedirect(url, next);
      url = next;
    }
    throw new IOException("more than " + MAX_REDIRECTS + " redirects");
  }

  private static URI target(URI url, String location) throws IOException {
    try {
      return url.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new IOException("the server redirects to an address that is no URL", e);
    }
  }

  private String copy(InputStream source, Path target) throws IOException {
    MessageDigest digest = Sha256.newDigest();
    byte[] buffer = new byte[64 << 10];
    long total = 0;
    try (InputStream in = new DigestInputStream(source, digest);
        OutputStream out = Files.newOutputStream(target)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        total += read;
        if (total > maxBytes) {
          throw new IOException("it is larger than " + Sizes.text(maxBytes));
        }
        out.write(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String failure(URI url, Throwable cause) {
    String detail = String.valueOf(cause.getMessage());
    String what =
        cause instanceof IOException && !detail.equals("null") ? detail : cause.toString();
    return "The package at "
        + displayUrl(url)
        + " could not be fetched: "
        + Printable.of(what)
        + ".";
  }

  /**
   * Returns only scheme, host and path of a URL, because a query or a user name may contain a
   * secret.
   */
  static String displayUrl(URI url) {
    String host = url.getHost() == null ? "" : url.getHost();
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return Printable.of(url.getScheme() + "://" + host + port + url.getPath());
  }
}
