package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.dropserver.base.text.Sha256;
import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.testing.CertificateAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageDownloadTest {
  private static final PackageDownload DOWNLOAD = new PackageDownload(1000, Duration.ofSeconds(5));

  @TempDir Path temp;
  private final CountDownLatch end = new CountDownLatch(1);
  private HttpServer server;
  private Path target;

  @BeforeEach
  void listen() throws IOException {
    target = temp.resolve("package");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(task -> Thread.ofVirtual().start(task));
    server.start();
  }

  @AfterEach
  void close() {
    end.countDown();
    server.stop(0);
  }

  @Test
  void aFileComesWithItsHashAlsoThroughARedirect() throws IOException {
    serve("/file", 200, "content");
    redirect("/moved", "/file");
    String hash = HexFormat.of().formatHex(Sha256.newDigest().digest("content".getBytes(UTF_8)));
    assertThat(DOWNLOAD.downloadTo(target, url("/file"))).isEqualTo(hash);
    assertThat(DOWNLOAD.downloadTo(target, url("/moved"))).isEqualTo(hash);
    assertThat(target).hasContent("content");
  }

  @Test
  void aFailureNamesTheUrlWithoutItsSecrets() {
    serve("/file", 404, "nothing");
    URI secret = URI.create(url("/file").toString().replace("//", "//me:pass@") + "?token=abc");
    assertThatThrownBy(() -> DOWNLOAD.downloadTo(target, secret))
        .hasMessageContaining("/file could not be fetched: the server answered 404")
        .hasMessageNotContaining("abc")
        .hasMessageNotContaining("pass");
  }

  @Test
  void anOversizedFileIsRefused() {
    serve("/file", 200, "x".repeat(1001));
    assertThatThrownBy(() -> DOWNLOAD.downloadTo(target, url("/file")))
        .hasMessageContaining("larger than");
  }

  @Test
  void aDownloadThatNeverFinishesTimesOut() {
    server.createContext(
        "/slow",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          try {
            end.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    var impatient = new PackageDownload(1000, Duration.ofMillis(300));
    assertThatThrownBy(() -> impatient.downloadTo(target, url("/slow")))
        .hasMessageContaining("did not finish within");
  }

  @Test
  void anEndlessRedirectIsRefused() {
    redirect("/loop", "/loop");
    assertThatThrownBy(() -> DOWNLOAD.downloadTo(target, url("/loop")))
        .hasMessageContaining("redirects");
  }

  @Test
  void requestsAndRedirectsToOtherHostsRequireHttps() {
    redirect("/away", "http://192.0.2.1/file");
    redirect("/local", "file:///etc/passwd");
    for (URI url : new URI[] {url("/away"), url("/local"), URI.create("http://192.0.2.1/file")}) {
      assertThatThrownBy(() -> DOWNLOAD.downloadTo(target, url))
          .hasMessageContaining("only https: URLs");
    }
  }

  @Test
  void aRedirectFromHttpsToHttpIsRefused() throws Exception {
    SSLContext tls =
        new CertificateAuthority(Files.createDirectory(temp.resolve("ca"))).server("ip:127.0.0.1");
    HttpsServer secure =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(tls));
    secure.createContext("/", exchange -> answerWithRedirect(exchange, url("/file").toString()));
    secure.start();
    List<String> reached = new CopyOnWriteArrayList<>();
    server.createContext(
        "/file",
        exchange -> {
          reached.add("");
          exchange.close();
        });
    URI start = URI.create("https://127.0.0.1:" + secure.getAddress().getPort() + "/file");
    try {
      assertThatThrownBy(() -> trusting().downloadTo(target, start))
          .hasMessageContaining("redirects from https: to http:");
      assertThat(reached).isEmpty();
    } finally {
      secure.stop(0);
    }
  }

  @Test
  void aServerWithACertificateOfAHomeAuthorityNeedsTheTrustOfTheConfiguration() throws Exception {
    CertificateAuthority authority =
        new CertificateAuthority(Files.createDirectory(temp.resolve("ca")));
    HttpsServer secure =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    secure.setHttpsConfigurator(new HttpsConfigurator(authority.server("ip:127.0.0.1")));
    secure.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 3);
          exchange.getResponseBody().write(new byte[3]);
          exchange.close();
        });
    secure.start();
    URI url = URI.create("https://127.0.0.1:" + secure.getAddress().getPort() + "/file");
    try {
      PackageDownload strict = PackageDownload.of(TrustedAuthorities.platformOnly());
      assertThatThrownBy(() -> strict.downloadTo(target, url)).hasMessageContaining("certif");
      PackageDownload trusting =
          PackageDownload.of(TrustedAuthorities.with("repo.trust", List.of(authority.file())));
      String sha256 = trusting.downloadTo(target, url);
      assertThat(trusting.ofSignature().downloadTo(target, url)).isEqualTo(sha256);
      assertThat(Files.size(target)).isEqualTo(3);
    } finally {
      secure.stop(0);
    }
  }

  /** Returns a download that trusts all certificates. */
  private static PackageDownload trusting() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustingManager()}, null);
    return new PackageDownload(
        1000,
        Duration.ofSeconds(5),
        RedirectRule.SYSTEM,
        () -> HttpClient.newBuilder().sslContext(context));
  }

  /** Accepts all certificates, also for other names. */
  private static final class TrustingManager extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  @Test
  void aRedirectToSomethingThatIsNoUrlIsRefused() {
    redirect("/moved", "https://[");
    assertThatThrownBy(() -> DOWNLOAD.downloadTo(target, url("/moved")))
        .hasMessageContaining("no URL");
  }

  private void serve(String path, int status, String body) {
    server.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(status, 0);
          exchange.getResponseBody().write(body.getBytes(UTF_8));
          exchange.close();
        });
  }

  private void redirect(String path, String to) {
    server.createContext(path, exchange -> answerWithRedirect(exchange, to));
  }

  private static void answerWithRedirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(302, -1);
    exchange.close();
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }
}
