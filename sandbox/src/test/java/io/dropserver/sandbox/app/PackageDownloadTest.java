package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.schema.text.Sha256;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
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
    server.createContext(
        path,
        exchange -> {
          exchange.getResponseHeaders().set("Location", to);
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
  }

  private URI url(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }
}
