package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import io.dropserver.web.tls.Certificates;
import io.dropserver.web.tls.TestAuthority;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The front door over TLS, tested with several clients. */
class TlsListenerTest {
  private static final InetSocketAddress ANY_PORT =
      InetSocketAddress.createUnresolved("127.0.0.1", 0);

  /** The last one is a name that Java resolves without a query. */
  private static final List<String> HOSTS =
      List.of("home.localhost", "*.home.localhost", "localhost");

  private static final Site NOTES =
      Sites.site(
          "notes",
          "localhost",
          AccessMode.PUBLIC,
          List.of(),
          BrowserPolicy.STRICT,
          Duration.ofSeconds(10),
          new Site.Serving());

  @TempDir private Path folder;
  private TestAuthority authority;
  private Certificates certificates;
  private FrontDoorFixture door;

  @BeforeEach
  void open() throws IOException {
    authority = new TestAuthority(folder);
    authority.issue("home", HOSTS, 30);
    authority.issue("special", List.of("special.home.localhost"), 20, "-algorithm", "RSA");
    ListenerSettings secure =
        new ListenerSettings(
            ANY_PORT, Optional.empty(), List.of(), List.of(file("home"), file("special")), false);
    ListenerSettings plain =
        ListenerSettings.plain(InetSocketAddress.createUnresolved("0.0.0.0", 0));
    List<ListenerSettings> listeners = List.of(plain, secure);
    certificates =
        new Certificates(
            listeners,
            Optional.empty(),
            FrontDoorFixture.NoReports.INSTANCE,
            InstantSource.system(),
            Duration.ofMillis(50));
    door = new FrontDoorFixture(listeners, certificates);
  }

  private static void answer(FakeApp.Connection connection, String response) throws IOException {
    while (!connection.head().isEmpty()) {
      connection.send(response);
    }
  }

  @AfterEach
  void close() throws IOException {
    door.close();
    certificates.close();
  }

  private HostConfig.Certificate file(String name) {
    return new HostConfig.Certificate(authority.chain(name), authority.key(name));
  }

  private int securePort() {
    return URI.create(door.server.shellUrl()).getPort();
  }

  private URI uri(String scheme, String path) {
    return URI.create(scheme + "://localhost:" + securePort() + path);
  }

  private HttpClient client(HttpClient.Version version) throws Exception {
    return HttpClient.newBuilder().version(version).sslContext(authority.clientContext()).build();
  }

  private HttpResponse<String> get(HttpClient.Version version, String path) throws Exception {
    try (HttpClient client = client(version)) {
      return client.send(
          HttpRequest.newBuilder(uri("https", path)).build(), BodyHandlers.ofString());
    }
  }

  @Test
  void theFirstExpiryIsThatOfTheCertificateThatExpiresFirst() {
    assertThat(certificates.firstExpiry())
        .hasValueSatisfying(
            at ->
                assertThat(Duration.between(Instant.now(), at))
                    .isBetween(Duration.ofDays(19), Duration.ofDays(20)));
    assertThat(FrontDoorFixture.NO_CERTIFICATES.firstExpiry()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_2", "HTTP_1_1"})
  void bothHttpVersionsAreServedWithTlsHeaders(String version) throws Exception {
    door.app(
        NOTES,
        connection ->
            answer(
                connection,
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"));
    HttpResponse<String> answer = get(HttpClient.Version.valueOf(version), "/a?b=c");
    assertThat(answer.version()).isEqualTo(HttpClient.Version.valueOf(version));
    assertThat(answer.body()).isEqualTo("hello");
    assertThat(answer.headers().firstValue("strict-transport-security")).isPresent();
    assertThat(answer.headers().firstValue("content-security-policy"))
        .get()
        .asString()
        .contains("frame-ancestors 'self' " + door.server.shellUrl());
    assertThat(answer.headers().map()).doesNotContainKeys("connection", "server");
    assertThat(door.server.shellUrl()).startsWith("https://home.localhost:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_2", "HTTP_1_1"})
  void bodiesReachTheAppCompletelyWithAndWithoutALength(String version) throws Exception {
    door.app(
        NOTES,
        connection -> {
          String body = body(connection, connection.head().toLowerCase(Locale.ROOT));
          connection.send(
              "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
        });
    try (HttpClient client = client(HttpClient.Version.valueOf(version))) {
      for (int size : new int[] {0, 1, 70_000}) {
        String sent = "x".repeat(size);
        for (HttpRequest.BodyPublisher body :
            List.of(
                HttpRequest.BodyPublishers.ofString(sent),
                HttpRequest.BodyPublishers.fromPublisher(
                    HttpRequest.BodyPublishers.ofString(sent)))) {
          HttpRequest request =
              HttpRequest.newBuilder(uri("https", "/"))
                  .POST(body)
                  .header("Origin", uri("https", "").toString())
                  .build();
          assertThat(client.send(request, BodyHandlers.ofString()).body()).isEqualTo(sent);
        }
      }
    }
  }

  private static String body(FakeApp.Connection connection, String head) throws IOException {
    if (!head.contains("transfer-encoding: chunked")) {
      int at = head.indexOf("content-length:");
      int length =
          at < 0 ? 0 : Integer.parseInt(head.substring(at + 15, head.indexOf('\r', at)).strip());
      return new String(connection.in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }
    StringBuilder body = new StringBuilder();
    while (true) {
      StringBuilder size = new StringBuilder();
      for (int b = connection.in.read(); b != '\n'; b = connection.in.read()) {
        size.append((char) b);
      }
      int length = Integer.parseInt(size.toString().strip(), 16);
      body.append(new String(connection.in.readNBytes(length), StandardCharsets.ISO_8859_1));
      connection.in.readNBytes(2);
      if (length == 0) {
        return body.toString();
      }
    }
  }

  private static void greetByWebSocket(FakeApp.Connection connection) throws IOException {
    String head = connection.head();
    int at = head.indexOf("Sec-WebSocket-Key: ") + 19;
    String key = head.substring(at, head.indexOf('\r', at));
    connection.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: "
            + accept(key)
            + "\r\n\r\n");
    connection.in.read();
    connection.send("\u0081\u0004ping");
    connection.in.read();
  }

  private static String accept(String key) {
    try {
      byte[] text =
          (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.ISO_8859_1);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aWebsocketOpensBesideHttp2() throws Exception {
    door.app(NOTES, TlsListenerTest::greetByWebSocket);
    try (HttpClient client = client(HttpClient.Version.HTTP_2)) {
      var heard = new java.util.concurrent.CompletableFuture<String>();
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .header("Origin", uri("https", "").toString())
              .buildAsync(
                  uri("wss", "/socket"),
                  new WebSocket.Listener() {
                    @Override
                    public java.util.concurrent.CompletionStage<?> onText(
                        WebSocket from, CharSequence text, boolean last) {
                      heard.complete(text.toString());
                      return java.util.concurrent.CompletableFuture.completedFuture(null);
                    }
                  })
              .get(20, java.util.concurrent.TimeUnit.SECONDS);
      socket.sendText("ping", true).get(20, java.util.concurrent.TimeUnit.SECONDS);
      assertThat(heard.get(20, java.util.concurrent.TimeUnit.SECONDS)).isEqualTo("ping");
      socket.abort();
    }
  }

  private X509Certificate shown(String host) throws Exception {
    try (SSLSocket socket = socket(host)) {
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private SSLSocket socket(String host) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            authority
                .clientContext()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), securePort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(host.isEmpty() ? List.of() : List.of(new SNIHostName(host)));
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(20_000);
    return socket;
  }

  @Test
  void eachHostIsShownItsOwnCertificateAndOthersTheFirst() throws Exception {
    assertThat(shown("special.home.localhost").getSubjectX500Principal().getName())
        .isEqualTo("CN=special.home.localhost");
    assertThat(shown("notes.home.localhost").getSubjectX500Principal().getName())
        .isEqualTo("CN=home.localhost");
    assertThat(shown("elsewhere.example").getSubjectX500Principal().getName())
        .isEqualTo("CN=home.localhost");
    assertThat(shown("").getSubjectX500Principal().getName()).isEqualTo("CN=home.localhost");
  }

  @Test
  void aNewCertificateIsShownWhileOpenConnectionsGoOn() throws Exception {
    door.app(
        NOTES, connection -> answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    try (SSLSocket open = socket("notes.home.localhost")) {
      assertThat(ask(open)).contains("200 OK");
      var before = shown("notes.home.localhost").getSerialNumber();
      authority.issue("home", HOSTS, 30);
      await()
          .untilAsserted(
              () ->
                  assertThat(shown("notes.home.localhost").getSerialNumber()).isNotEqualTo(before));
      assertThat(ask(open)).contains("200 OK");
    }
  }

  private String ask(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            ("GET / HTTP/1.1\r\nHost: localhost:" + securePort() + "\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    InputStream in = socket.getInputStream();
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\nok") < 0) {
      head.append((char) in.read());
    }
    return head.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1"})
  void versionsThatAreBrokenAreRefused(String version) throws Exception {
    try (SSLSocket socket = socket("notes.home.localhost")) {
      assertThatThrownBy(
              () -> {
                socket.setEnabledProtocols(new String[] {version});
                socket.startHandshake();
              })
          .isInstanceOf(SSLException.class);
    }
  }

  @Test
  void plainHttpOnlyRedirectsToTheSamePageOverTls() throws Exception {
    door.app(
        NOTES, connection -> answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    RawHttpClient.Answer answer =
        RawHttpClient.ask(
            door.port(),
            String.join(
                "\r\n",
                "POST /a/b?c=%2f HTTP/1.1",
                "Host: localhost:99",
                "X-Forwarded-Host: evil.example",
                "X-Forwarded-Proto: ftp",
                "Content-Length: 0",
                "",
                ""));
    assertThat(answer.status()).isEqualTo(308);
    assertThat(answer.header("Location")).hasValue(uri("https", "/a/b?c=%2f").toString());
    assertThat(answer.header("Strict-Transport-Security")).isEmpty();
    assertThat(answer.header("Content-Security-Policy")).isPresent();
  }

  @Test
  void plainHttpRedirectsEveryHostOfTheDomainToTls() throws Exception {
    for (String host : List.of("home.localhost", "nothing.home.localhost")) {
      RawHttpClient.Answer answer =
          RawHttpClient.ask(door.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(answer.status()).as(host).isEqualTo(308);
    }
  }

  @Test
  void plainHttpRedirectsToNoForeignHost() throws Exception {
    for (String host : List.of("evil.example", "x@evil.example", "")) {
      RawHttpClient.Answer answer =
          RawHttpClient.ask(door.port(), "GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
      assertThat(answer.status()).isIn(400, 421);
      assertThat(answer.header("Location")).isEmpty();
    }
    RawHttpClient.Answer absolute =
        RawHttpClient.ask(
            door.port(), "GET http://evil.example/ HTTP/1.1\r\nHost: home.localhost\r\n\r\n");
    assertThat(absolute.header("Location")).isEmpty();
    RawHttpClient.Answer star =
        RawHttpClient.ask(door.port(), "OPTIONS * HTTP/1.1\r\nHost: home.localhost\r\n\r\n");
    assertThat(star.header("Location")).hasValue(door.server.shellUrl() + "/");
  }

  @Test
  void theSecurePortServesNoPlainHttp() throws Exception {
    door.app(
        NOTES, connection -> answer(connection, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
    try (RawHttpClient rawHttpClient = new RawHttpClient(securePort())) {
      rawHttpClient.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(new String(rawHttpClient.in.readAllBytes(), StandardCharsets.ISO_8859_1))
          .doesNotContain("ok", "HTTP");
    }
  }
}
