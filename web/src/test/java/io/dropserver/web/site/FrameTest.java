package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import io.dropserver.web.site.RawHttpClient.Answer;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
  private static final String FRAMED = "Sec-Fetch-Dest: iframe";
  private static final String SHOWN = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
  private static final String HTML = "Content-Type: text/html; charset=utf-8\r\n";

  @SuppressWarnings("NullAway.Init") // set before each test
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    door = new FrontDoorFixture();
  }

  @AfterEach
  void close() throws IOException {
    door.close();
  }

  @Test
  void aTopLevelDocumentIsSentToTheShellWithAllOfItsAddress() throws IOException {
    answering("notes", HTML, "<p>hello");
    Answer response = door.get("notes", "/a%2Fb/c?d=e&f", "Sec-Fetch-Dest: document");
    assertThat(response.status()).isEqualTo(302);
    assertThat(response.header("Location")).contains(shell() + "/a/notes/a%2Fb/c?d=e&f");
    assertThat(response.header("Cache-Control")).contains("no-store");
    assertThat(response.header("Vary")).contains("Sec-Fetch-Dest");
  }

  @Test
  void otherRequestsAreNotRedirectedToTheShell() throws IOException {
    answering("notes", HTML, "<p>hello");
    assertThat(door.get("notes", "/").status()).isEqualTo(200);
    for (String dest : List.of("iframe", "empty", "image", "script")) {
      assertThat(door.get("notes", "/", "Sec-Fetch-Dest: " + dest).status()).isEqualTo(200);
    }
    assertThat(door.get("notes", "/.dropserver/x", "Sec-Fetch-Dest: document").status())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @CsvSource({
    "'<!doctype html><p>hello', ''",
    "'<!-- --!><p>hello', ''",
    "'\u00ef\u00bb\u00bf<p>hello', '\u00ef\u00bb\u00bf'",
    "'\u00ef\u00bb<p>hello', ''",
    "'', ''"
  })
  void aGuardPrecedesADocumentForBrowsersWithoutSecFetchDest(String document, String before)
      throws IOException {
    answering("notes", HTML + "Content-Security-Policy: script-src *\r\n", document);
    Answer response = door.get("notes", "/", SHOWN);
    String rest = document.substring(before.length());
    assertThat(response.body())
        .startsWith(before + "<!doctype html><script data-shell=\"" + shell() + "/a/notes\">")
        .endsWith("</script>" + script() + rest);
    assertThat(response.header("Content-Length"))
        .contains(String.valueOf(response.body().length()));
    Matcher guard =
        Pattern.compile("<script data-shell=[^>]*>(.*?)</script>", Pattern.DOTALL)
            .matcher(response.body());
    assertThat(guard.find()).isTrue();
    assertThat(response.header("Content-Security-Policy").orElseThrow())
        .contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-" + sha256(guard.group(1)) + "';")
        .doesNotContain("sandbox");
    assertThat(response.header("Connection-Allowlist").orElseThrow())
        .isEqualTo("(response-origin \"" + shell() + "/a/notes/*\");redirects=allow");
    assertThat(response.headers()).contains("Vary: Sec-Fetch-Dest, Accept");
  }

  private static String sha256(String text) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256")
                  .digest(text.getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: text/html\r\nContent-Encoding: gzip\r\n",
        "Content-Type: text/html; charset=UTF-16LE\r\n",
        "Content-Type: text/html; charset=iso-2022-jp\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/xhtml+xml\r\n",
        "Content-Type: image/svg+xml\r\n",
        ""
      })
  void documentsThatCannotContainTheGuardRunNoScript(String headers) throws IOException {
    answering("notes", headers, "<p>hello");
    Answer response = door.get("notes", "/", SHOWN);
    assertThat(response.body()).isEqualTo("<p>hello");
    assertThat(response.header("Content-Security-Policy").orElseThrow())
        .endsWith("; sandbox allow-same-origin allow-forms allow-downloads");
  }

  @Test
  void documentsAreRequestedCompleteAndUncompressed() throws IOException {
    FakeApp app = answering("notes", HTML, "<p>");
    String[] kept = {
      SHOWN, "Accept-Encoding: br", "If-None-Match: x", "If-Modified-Since: y", "Range: bytes=9-"
    };
    door.get("notes", "/", kept);
    assertThat(app.heads.getFirst())
        .contains("Accept-Encoding: identity\r\n")
        .doesNotContain("br\r\n", "If-", "Range");
  }

  @Test
  void cachedFramePagesAreNotReusedOutsideTheFrame() throws IOException {
    answering("notes", HTML + "Cache-Control: max-age=600\r\nVary: Accept\r\n", "<p>hello");
    assertThat(door.get("notes", "/", FRAMED).headers()).contains("Vary: Sec-Fetch-Dest");
  }

  /** It would ask for a password in a window of its own, in the name of the app's host. */
  @ParameterizedTest
  @ValueSource(strings = {FRAMED, SHOWN, "Sec-Fetch-Mode: cors", "Sec-Fetch-Site: same-origin"})
  void browsersReceiveNoAuthenticationChallengeFromAnApp(String header) throws IOException {
    answering("notes", HTML + "WWW-Authenticate: Basic realm=\"your password\"\r\n", "<p>hello");
    assertThat(door.get("notes", "/", header).header("WWW-Authenticate")).isEmpty();
    assertThat(door.get("notes", "/").header("WWW-Authenticate")).as("another program").isPresent();
  }

  @Test
  void aFramedDocumentContainsTheScriptAndItsLength() throws IOException {
    answering("notes", HTML, "<!doctype html><p>hello");
    Answer response = door.get("notes", "/", FRAMED);
    assertThat(response.body()).isEqualTo("<!doctype html>" + script() + "<p>hello");
    assertThat(response.header("Content-Length"))
        .contains(String.valueOf(response.body().length()));
    assertThat(door.get("notes", "/.dropserver/frame.js", "Sec-Fetch-Dest: script").body())
        .contains("postMessage");
  }

  @Test
  void aChunkedDocumentContainsTheScript() throws IOException {
    door.answering(
        "notes",
        "HTTP/1.1 200 OK\r\n"
            + HTML
            + "Transfer-Encoding: chunked\r\n\r\n"
            + "3\r\n"
            + "<!d\r\n"
            + "c\r\n"
            + "octype html>\r\n"
            + "1\r\n"
            + "<\r\n"
            + "2\r\n"
            + "p>\r\n"
            + "0\r\n\r\n");
    assertThat(door.get("notes", "/", FRAMED).body())
        .isEqualTo("<!doctype html>" + script() + "<p>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: text/html\r\nContent-Encoding: gzip\r\n",
        "Content-Type: text/html; charset=UTF-16LE\r\n",
        "Content-Type: text/html; charset=\"utf-16\"\r\n",
        "Content-Type: text/html; charset=iso-2022-jp\r\n",
        "Content-Type: text/plain\r\n",
        "Content-Type: application/xhtml+xml\r\n",
        "Content-Type: text/html-ish\r\n",
        ""
      })
  void responsesThatCannotContainTheScriptPassUnchanged(String headers) throws IOException {
    answering("notes", headers, "<p>hello");
    assertThat(door.get("notes", "/", FRAMED).body()).isEqualTo("<p>hello");
  }

  @Test
  void aDocumentWithAUtf16MarkPassesUnchanged() throws IOException {
    answering("notes", "Content-Type: text/html\r\n", "\u00ff\u00fe<\0p\0");
    assertThat(door.get("notes", "/", FRAMED).body()).isEqualTo("\u00ff\u00fe<\0p\0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sec-Fetch-Dest: empty", "Sec-Fetch-Dest: document2", "X: y"})
  void responsesFetchedByScriptsPassUnchanged(String header) throws IOException {
    answering("notes", HTML, "<p>hello");
    assertThat(door.get("notes", "/", header).body()).isEqualTo("<p>hello");
  }

  @Test
  void aResponseWithoutABodyGetsNoScript() throws IOException {
    door.answering("notes", "HTTP/1.1 304 Not Modified\r\n" + HTML + "\r\n");
    Answer response = door.get("notes", "/", FRAMED);
    assertThat(response.status()).isEqualTo(304);
    assertThat(response.header("Content-Length").orElse("0")).isEqualTo("0");
  }

  @Test
  void framedDocumentsAreRequestedUncompressed() throws IOException {
    FakeApp app = answering("notes", HTML, "<p>");
    door.get("notes", "/", FRAMED, "Accept-Encoding: gzip, br");
    door.get("notes", "/", "Accept-Encoding: gzip, br");
    assertThat(app.heads.get(0)).contains("Accept-Encoding: identity\r\n").doesNotContain("gzip");
    assertThat(app.heads.get(1)).contains("Accept-Encoding: gzip, br\r\n");
  }

  @ParameterizedTest
  @CsvSource({
    "/a/notes, /",
    "/a/notes/, /",
    "/a/notes/x/y?z=1, /x/y?z=1",
    "/a/notes?z=1, /?z=1",
    "/a/notes//evil.example/, //evil.example/",
    "/a/notes/@evil.example, /@evil.example",
    "/a/notes;x, /;x",
    "'/a/notes/\"><script>', '/&#34;>&lt;script>'"
  })
  void theShellFramesOnlyTheAppspace(String page, String framed) throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    Answer response = shellPage(page.replace("\"", "%22").replace("<", "%3C").replace(">", "%3E"));
    assertThat(response.status()).isEqualTo(200);
    String source = framed.replace("&#34;>&lt;script>", "%22%3E%3Cscript%3E");
    Matcher entrance =
        Pattern.compile(
                " src=\""
                    + own()
                    + "/.dropserver/enter\\?for=([\\w-]{24})&amp;as=guest&amp;to=(\\S+)\"")
            .matcher(response.body());
    assertThat(entrance.find()).as(response.body()).isTrue();
    assertThat(URLDecoder.decode(entrance.group(2), StandardCharsets.UTF_8)).isEqualTo(source);
    assertThat(response.body())
        .contains(
            "data-tag=\"" + entrance.group(1) + "\"",
            "sandbox=\"allow-scripts allow-same-origin allow-forms allow-downloads allow-modals\"");
    assertThat(response.header("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; ")
        .contains("; frame-src " + own() + ";", "; frame-ancestors 'none';");
    assertThat(response.header("Cross-Origin-Embedder-Policy")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/a/", "/a", "/b/notes/", "/at/", "/at/NOTES/", "/a/NOTES/", "/a/notes.x/"})
  void aMissingObjectHasNoPage(String page) throws IOException {
    door.declare(FrontDoorFixture.site("notes"));
    assertThat(shellPage(page).status()).isEqualTo(404);
  }

  @Test
  void theFrameGetsOnlyWhitelistedFeatures() throws IOException {
    Site site = FrontDoorFixture.site("notes");
    BrowserPolicy browserPolicy =
        new BrowserPolicy(
            Set.of(),
            false,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of("https://example.org/"),
            new TreeSet<>(List.of("camera", "fullscreen")));
    door.declare(
        Sites.site(
            site.appspace(),
            site.host(),
            site.access(),
            site.publicPaths(),
            browserPolicy,
            site.requestTimeout(),
            site.state()));
    Answer response = shellPage("/a/notes/");
    assertThat(response.body())
        .contains("allow=\"camera; fullscreen\"", "data-links=\"https://example.org/\"");
    assertThat(response.header("Permissions-Policy").orElseThrow())
        .contains("camera=(self \"" + own() + "\")", "microphone=()")
        .doesNotContain("(self)");
  }

  private FakeApp answering(String appspace, String headers, String body) throws IOException {
    return door.answering(
        appspace,
        "HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s"
            .formatted(headers, body.length(), body));
  }

  private String shell() {
    return "http://home.localhost:" + door.port();
  }

  private String own() {
    return "http://notes.home.localhost:" + door.port();
  }

  private String script() {
    return "<script src=\"/.dropserver/frame.js\" data-shell=\"" + shell() + "\"></script>";
  }

  private Answer shellPage(String path) throws IOException {
    return RawHttpClient.ask(
        door.port(),
        "GET %s HTTP/1.1\r\nHost: home.localhost:%d\r\nAccept: text/html\r\n\r\n"
            .formatted(path, door.port()));
  }
}
