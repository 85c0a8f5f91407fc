package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import io.dropserver.web.headers.Origin;
import io.dropserver.web.headers.PolicyHeaders;
import io.dropserver.web.page.Assets;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kind of response has the policy headers, and no header that weakens them. */
@TestInstance(Lifecycle.PER_CLASS)
class EveryResponseTest {
  /** Headers of a hostile app: each must be removed or replaced. */
  private static final String LOOSENED =
      Stream.of(
              "Content-Security-Policy: default-src *",
              "Content-Security-Policy-Report-Only: default-src 'none'; report-uri //evil.example",
              "Access-Control-Allow-Origin: *",
              "Access-Control-Allow-Credentials: true",
              "Access-Control-Allow-Private-Network: true",
              "Cross-Origin-Opener-Policy: unsafe-none",
              "Cross-Origin-Embedder-Policy: unsafe-none",
              "Cross-Origin-Resource-Policy: cross-origin",
              "Connection-Allowlist: *",
              "Connection-Allowlist-Report-Only: (response-origin);report-to=evil",
              "Referrer-Policy: unsafe-url",
              "X-Content-Type-Options: whatever",
              "X-DNS-Prefetch-Control: on",
              "Origin-Agent-Cluster: ?0",
              "Permissions-Policy: camera=*",
              "Strict-Transport-Security: max-age=0",
              "Clear-Site-Data: \"*\"",
              "Public-Key-Pins: max-age=9",
              "Service-Worker-Allowed: /",
              "Report-To: {\"endpoints\":[{\"url\":\"https://evil.example\"}],\"max_age\":9}",
              "Reporting-Endpoints: default=\"https://evil.example\"",
              "NEL: {\"report_to\":\"default\",\"max_age\":9}",
              "SourceMap: https://evil.example/map",
              "Link: <https://evil.example>; rel=preconnect",
              "Refresh: 0; url=https://evil.example",
              "X-Accel-Redirect: /etc/passwd",
              "Alt-Svc: h2=\"evil.example:443\"",
              "Speculation-Rules: \"/rules.json\"",
              "Supports-Loading-Mode: credentialed-prerender",
              "Timing-Allow-Origin: *",
              "Document-Policy: force-load-at-top",
              "Origin-Trial: token",
              "Set-Cookie: a=1; Domain=home.localhost",
              "Set-Cookie: dropserver-session=1")
          .map(header -> header + "\r\n")
          .reduce("", String::concat);

  private FrontDoorFixture door;
  private List<HttpField> policy;
  private List<HttpField> shellPages;

  /**
   * A request for one kind of response.
   *
   * @param bytes the request, created when the front door's port is known
   */
  record Kind(String name, int status, Function<FrontDoorFixture, String> bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  void start() throws IOException {
    door = new FrontDoorFixture();
    Origin shell = Origin.of("http", FrontDoorFixture.DOMAIN, door.port());
    policy = PolicyHeaders.of(BrowserPolicy.STRICT, shell).fields();
    shellPages = PolicyHeaders.forShell(shell).fields();
    answers("ok", "200 OK", "");
    answers("unmodified", "304 Not Modified", "ETag: \"1\"\r\n");
    answers("missing", "404 Not Found", "");
    answers("home", "302 Found", "Location: /there\r\n");
    answers("away", "302 Found", "Location: https://evil.example/\r\n");
    answers("empty", "204 No Content", "");
    answers("hints", "103 Early Hints", "");
    door.answering("broken", "nonsense\r\n\r\n");
    door.answering(
        "socket",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            + LOOSENED
            + "\r\n");
    Site site = FrontDoorFixture.site("paused");
    door.declare(
        Sites.site(
            site.appspace(),
            site.host(),
            site.access(),
            site.publicPaths(),
            site.browser(),
            site.requestTimeout(),
            new Site.Paused()));
  }

  private void answers(String appspace, String status, String headers) throws IOException {
    boolean bodyless = status.startsWith("204") || status.startsWith("304");
    String first =
        status.startsWith("103") ? "HTTP/1.1 103 Early Hints\r\n" + LOOSENED + "\r\n" : "";
    door.answering(
        appspace,
        first
            + "HTTP/1.1 "
            + (first.isEmpty() ? status : "200 OK")
            + "\r\n"
            + headers
            + LOOSENED
            + (bodyless ? "" : "Content-Length: 0\r\n")
            + "\r\n");
  }

  @AfterAll
  void stop() throws IOException {
    door.close();
  }

  static Stream<Kind> kinds() {
    String socket =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    return Stream.of(
        of("a page of an app", 200, "GET", "ok", "/"),
        of("an answer to HEAD", 200, "HEAD", "ok", "/"),
        of("an answer to OPTIONS", 200, "OPTIONS", "ok", "/"),
        of("an answer to POST", 200, "POST", "ok", "/", "Content-Length: 0"),
        of("a 304", 304, "GET", "unmodified", "/"),
        of("a 204", 204, "GET", "empty", "/"),
        of("an app's own error page", 404, "GET", "missing", "/"),
        of("what leads to its frame", 302, "GET", "ok", "/", "Sec-Fetch-Dest: document"),
        of("our script for frames", 200, "GET", "ok", "/.dropserver/frame.js"),
        of("a redirect", 302, "GET", "home", "/"),
        of("what follows early hints", 200, "GET", "hints", "/"),
        of("a refused redirect", 502, "GET", "away", "/"),
        of("a broken answer", 502, "GET", "broken", "/"),
        of("a paused appspace", 404, "GET", "paused", "/"),
        of("a reserved path", 404, "GET", "ok", "/.dropserver/x"),
        of("our style", 200, "GET", "ok", Assets.path("dropserver.css")),
        of("a service worker", 403, "GET", "ok", "/sw.js", "Service-Worker: script"),
        of("a forged request", 403, "POST", "ok", "/", "Sec-Fetch-Site: same-site"),
        of("a WebSocket", 101, "GET", "socket", "/", socket),
        of("a WebSocket that the app refuses", 404, "GET", "missing", "/", socket),
        of(
            "a WebSocket of a sibling",
            403,
            "GET",
            "ok",
            "/",
            socket,
            "Origin: http://evil.example"),
        of("a host without an appspace", 404, "GET", "nobody", "/"),
        of("a method that we do not do", 405, "TRACE", "ok", "/"),
        of("a body that is too large", 413, "POST", "ok", "/", "Content-Length: 99999999999"),
        of("a path that climbs", 400, "GET", "ok", "/%2e%2e/x"),
        of("a head that is too long", 431, "GET", "ok", "/", "X: " + "x".repeat(20_000)),
        new Kind("no HTTP at all", 400, _ -> "GET / HTTP/1.1\r\nHost:: :\r\n\r\n"),
        new Kind("the rules for apps", 200, door -> shell(door, "GET", "/llms.txt")),
        new Kind("the first page of the shell", 200, door -> shell(door, "GET", "/")),
        new Kind("a page that the shell has not", 404, door -> shell(door, "GET", "/nowhere")),
        new Kind("a forged request to the shell", 403, door -> shell(door, "POST", "/")));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyResponseHasThePolicyOnceAndNoLooseningHeader(Kind kind) throws IOException {
    Answer response;
    try (RawHttpClient rawHttpClient = new RawHttpClient(door.port())) {
      rawHttpClient.send(kind.bytes().apply(door));
      response = rawHttpClient.head();
    }

    assertThat(response.status()).isEqualTo(kind.status());
    for (HttpField field : kind.name().contains("shell") ? shellPages : policy) {
      assertThat(values(response, field.getName())).containsExactly(field.getValue());
    }
    List<String> names = new ArrayList<>();
    response
        .headers()
        .forEach(h -> names.add(h.substring(0, h.indexOf(':')).toLowerCase(Locale.ROOT)));
    assertThat(names)
        .noneMatch(name -> name.startsWith("access-control-"))
        .noneMatch(name -> name.endsWith("-report-only"))
        .doesNotContain("refresh", "link", "sourcemap", "set-cookie", "alt-svc", "nel", "report-to")
        .doesNotContain("reporting-endpoints", "clear-site-data", "service-worker-allowed")
        .doesNotContain("speculation-rules", "supports-loading-mode", "timing-allow-origin")
        .doesNotContain("x-accel-redirect", "public-key-pins", "document-policy", "origin-trial")
        .doesNotContain("strict-transport-security");
  }

  private static List<String> values(Answer response, String name) {
    String start = name.toLowerCase(Locale.ROOT) + ":";
    return response.headers().stream()
        .filter(header -> header.toLowerCase(Locale.ROOT).startsWith(start))
        .map(header -> header.substring(start.length()).strip())
        .toList();
  }

  private static Kind of(
      String name, int status, String method, String appspace, String path, String... headers) {
    return new Kind(name, status, door -> door.request(method, appspace, path, headers));
  }

  private static String shell(FrontDoorFixture door, String method, String path) {
    String forged = method.equals("POST") ? "Origin: http://ok.home.localhost\r\n" : "";
    return "%s %s HTTP/1.1\r\nHost: %s:%d\r\n%sContent-Length: 0\r\n\r\n"
        .formatted(method, path, FrontDoorFixture.DOMAIN, door.port(), forged);
  }
}
