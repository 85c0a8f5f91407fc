package io.dropserver.web.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.schema.host.HostConfig.ListenerSettings;
import io.dropserver.schema.instance.Appspace.AccessMode;
import io.dropserver.schema.instance.EgressWhitelist.BrowserPolicy;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.tls.CertificateReports;
import io.dropserver.web.tls.Certificates;
import io.dropserver.web.tls.Pebble;
import io.dropserver.web.tls.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Certificates that Debian's Pebble issues to the front door. */
@SuppressWarnings("NullAway.Init") // set by each test, which knows the ports
@Tag("slow")
class AcmeTest {
  private static final String DOMAIN = "home.test";
  private static final Duration TIMEOUT = Duration.ofSeconds(90);
  private static final Duration LOOK_UP_INTERVAL = Duration.ofMillis(100);

  @TempDir private Path folder;
  private final AtomicInteger lookUps = new AtomicInteger();
  private volatile boolean addressesChange;
  private final Map<CertificateReports.CertificateProblem, String> problems =
      new ConcurrentHashMap<>();
  private volatile Instant now = Instant.now();

  /** The address of all hosts, for the server. */
  private volatile Optional<InetAddress> address = Optional.of(InetAddress.getLoopbackAddress());

  private TestAuthority identity;
  private int http;
  private int tls;
  private Pebble pebble;
  private Certificates certificates;
  private FrontDoorFixture door;

  @BeforeEach
  void choosePorts() throws IOException {
    identity = new TestAuthority(folder);
    http = Pebble.freePort();
    tls = Pebble.freePort();
  }

  @AfterEach
  void close() throws IOException {
    try (Pebble _ = pebble;
        Certificates _ = certificates;
        FrontDoorFixture _ = door) {
      // Closed in reverse order, as far as they exist.
    }
  }

  /**
   * @param seenHttp the port that the authority uses for HTTP-01
   * @param seenTls the port that the authority uses for TLS-ALPN-01
   */
  private void open(int seenHttp, int seenTls) throws IOException {
    pebble = Pebble.start(folder, identity, seenHttp, seenTls);
    listen();
  }

  private void listen() throws IOException {
    ListenerSettings plain =
        ListenerSettings.plain(InetSocketAddress.createUnresolved("127.0.0.1", http));
    ListenerSettings secure =
        new ListenerSettings(
            InetSocketAddress.createUnresolved("127.0.0.1", tls),
            Optional.empty(),
            List.of(),
            List.of(),
            true);
    List<ListenerSettings> listeners = List.of(plain, secure);
    Acme acme =
        new Acme(
            pebble.directory(),
            Optional.of("somebody@example.org"),
            List.of(identity.root()),
            Optional.empty());
    CertificateReports reports =
        new CertificateReports() {
          @Override
          public void raise(CertificateProblem certificateProblem, String message) {
            problems.put(certificateProblem, message);
          }

          @Override
          public void clear(CertificateProblem certificateProblem) {
            problems.remove(certificateProblem);
          }
        };
    certificates =
        new Certificates(
            listeners,
            Optional.of(
                new Certificates.AcmeOptions(
                    acme, folder.resolve("certificates"), this::addresses, LOOK_UP_INTERVAL)),
            reports,
            () -> now,
            Duration.ofDays(1));
    door = new FrontDoorFixture(listeners, certificates);
  }

  private InetAddress[] addresses(String host) throws UnknownHostException {
    int count = lookUps.incrementAndGet();
    if (addressesChange) {
      return new InetAddress[] {InetAddress.ofLiteral("127.0.1." + count % 200)};
    }
    return new InetAddress[] {address.orElseThrow(() -> new UnknownHostException(host))};
  }

  private String problem() {
    return problems.getOrDefault(CertificateReports.CertificateProblem.NOT_ISSUED, "");
  }

  /** Declares a host without an address, and waits until its order has failed. */
  private void declareTooEarly(String host) throws Exception {
    open(http, tls);
    declare();
    issued(DOMAIN);
    pebble.resolve(host, false);
    address = Optional.empty();
    declare(host);
    await().atMost(TIMEOUT).until(() -> problem().contains(host));
  }

  private void declare(String... hosts) {
    Map<String, Site> sites = new HashMap<>();
    Arrays.stream(hosts).forEach(host -> sites.put(host, site(host)));
    door.server.publishSites(new SiteTable(DOMAIN, sites, Map.of()));
  }

  private static Site site(String host) {
    return Sites.site(
        "notes",
        host,
        AccessMode.PUBLIC,
        List.of(),
        BrowserPolicy.STRICT,
        Duration.ofSeconds(10),
        new Site.Serving());
  }

  private X509Certificate shown(String host) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustsAll()}, null);
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), tls)) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(host)));
      socket.setSSLParameters(parameters);
      socket.setSoTimeout(20_000);
      socket.startHandshake();
      return (X509Certificate) socket.getSession().getPeerCertificates()[0];
    }
  }

  private X509Certificate issued(String host) {
    return await()
        .atMost(TIMEOUT)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> shown(host), certificate -> certificate != null);
  }

  private static List<String> names(X509Certificate certificate) throws Exception {
    return certificate.getSubjectAlternativeNames().stream()
        .map(name -> String.valueOf(name.get(1)))
        .toList();
  }

  @Test
  void onlyDeclaredHostsGetTheirOwnCertificate() throws Exception {
    open(Pebble.freePort(), tls); // only TLS-ALPN-01 works
    declare("notes.home.test");
    assertThat(names(issued("notes.home.test"))).containsExactly("notes.home.test");
    assertThat(names(issued(DOMAIN))).containsExactly(DOMAIN);
    assertThatThrownBy(() -> shown("other.home.test")).isInstanceOf(SSLException.class);

    declare("notes.home.test", "late.home.test");
    assertThat(names(issued("late.home.test"))).containsExactly("late.home.test");
    assertThat(pebble.said("other.home.test")).isZero();
    assertThat(problems).isEmpty();
  }

  @Test
  void aCustomHostGetsItsCertificateOnceItIsVerified() throws Exception {
    open(Pebble.freePort(), tls);
    String custom = "wiki.other.test";
    Site notes = Sites.withCustomHosts(site("notes.home.test"), custom);
    SiteTable table = new SiteTable(DOMAIN, Map.of(notes.host(), notes), Map.of());
    door.server.publishSites(table);
    issued(notes.host());
    assertThatThrownBy(() -> shown(custom)).isInstanceOf(SSLException.class);
    assertThat(pebble.said(custom)).isZero();

    door.server.publishSites(table.withCustomHosts(Set.of(custom)));
    assertThat(names(issued(custom))).containsExactly(custom);
    assertThat(names(shown(notes.host()))).containsExactly(notes.host());
  }

  @Test
  void httpValidationIsUsedWhenTlsValidationFails() throws Exception {
    open(http, Pebble.freePort()); // only HTTP-01 works
    declare();
    assertThat(names(issued(DOMAIN))).containsExactly(DOMAIN);
  }

  @Test
  void aCertificateIsRenewedAfterTwoThirdsOfItsLifetime() throws Exception {
    open(http, tls);
    declare();
    X509Certificate first = issued(DOMAIN);
    Duration life =
        Duration.between(first.getNotBefore().toInstant(), first.getNotAfter().toInstant());
    assertThat(certificates.firstExpiry()).contains(first.getNotAfter().toInstant());
    long orders = pebble.said("Issued certificate");

    now = first.getNotBefore().toInstant().plus(life.multipliedBy(2).dividedBy(3)).minusSeconds(60);
    declare();
    declare("notes.home.test");
    issued("notes.home.test");
    assertThat(shown(DOMAIN).getSerialNumber()).isEqualTo(first.getSerialNumber());

    now = now.plusSeconds(120);
    declare("notes.home.test");
    await()
        .atMost(TIMEOUT)
        .until(() -> !shown(DOMAIN).getSerialNumber().equals(first.getSerialNumber()));
    assertThat(orders).isEqualTo(1);
  }

  @Test
  void aRestartOrdersNoCertificateAndKeepsTheAccount() throws Exception {
    open(http, tls);
    declare();
    X509Certificate before = issued(DOMAIN);
    byte[] account = Files.readAllBytes(folder.resolve("certificates/account.key"));
    door.close();
    certificates.close();

    listen();
    declare();
    assertThat(shown(DOMAIN).getSerialNumber()).isEqualTo(before.getSerialNumber());
    declare("notes.home.test");
    issued("notes.home.test");
    assertThat(shown(DOMAIN).getSerialNumber()).isEqualTo(before.getSerialNumber());
    assertThat(folder.resolve("certificates/account.key")).hasBinaryContent(account);
  }

  @Test
  void aRefusedHostIsReportedAndRetriedMuchLater() throws Exception {
    open(http, tls);
    declare(Pebble.REFUSED);
    issued(DOMAIN);
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(problems).isNotEmpty());
    assertThat(problems.get(CertificateReports.CertificateProblem.NOT_ISSUED))
        .contains(Pebble.REFUSED, "next attempt at", "443")
        .doesNotContain(DOMAIN + ":");

    String message = problems.get(CertificateReports.CertificateProblem.NOT_ISSUED);
    now = now.plus(Duration.ofMinutes(29));
    declare(Pebble.REFUSED, "notes.home.test");
    issued("notes.home.test");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () ->
                assertThat(problems.get(CertificateReports.CertificateProblem.NOT_ISSUED))
                    .isEqualTo(message));
    declare();
    await().atMost(TIMEOUT).until(problems::isEmpty);
  }

  @Test
  void aHostIsOrderedWhenItGetsAnAddress() throws Exception {
    declareTooEarly("late.home.test");
    pebble.resolve("late.home.test", true);
    address = Optional.of(InetAddress.getLoopbackAddress());
    assertThat(names(issued("late.home.test"))).containsExactly("late.home.test");
    await().atMost(TIMEOUT).until(problems::isEmpty);
  }

  /** A stranger may control the name servers of a custom host. */
  @Test
  void changingAddressesCauseOneEarlyOrderInHalfAnHour() throws Exception {
    declareTooEarly("late.home.test");
    String first = problem();
    now = now.plusSeconds(1);
    address = Optional.of(InetAddress.ofLiteral("127.0.0.2"));
    await().atMost(TIMEOUT).until(() -> !problem().equals(first));
    String second = problem();
    assertThat(second).as("the delay begins again").contains(now.plus(Duration.ofMinutes(30)) + "");

    now = now.plus(Duration.ofMinutes(29));
    pebble.resolve("late.home.test", true);
    addressesChange = true;
    int before = lookUps.get();
    await().atMost(TIMEOUT).until(() -> lookUps.get() > before + 5);
    declare("late.home.test", "other.home.test");
    issued("other.home.test");
    assertThat(problem()).isEqualTo(second);
    now = now.plus(Duration.ofMinutes(1));
    issued("late.home.test");
  }

  @Test
  void anOperatorOrdersAtOnceAndLearnsTheResult() throws Exception {
    declareTooEarly("late.home.test");
    assertThat(certificates.retry("unknown.home.test")).isEmpty();
    Optional<String> failure =
        certificates.retry("late.home.test").orElseThrow().get(90, TimeUnit.SECONDS);
    assertThat(failure.orElseThrow()).contains("late.home.test: ", "next attempt at");

    pebble.resolve("late.home.test", true);
    assertThat(certificates.retry("late.home.test").orElseThrow().get(90, TimeUnit.SECONDS))
        .isEmpty();
    assertThat(names(shown("late.home.test"))).containsExactly("late.home.test");
    long orders = pebble.said("Issued certificate");
    assertThat(certificates.retry(DOMAIN).orElseThrow().get(90, TimeUnit.SECONDS)).isEmpty();
    assertThat(pebble.said("Issued certificate"))
        .as("a valid one is not ordered")
        .isEqualTo(orders);
  }

  @Test
  void aRestartDoesNotResetTheDelayOfAHostThatFailed() throws Exception {
    Path retry =
        Files.createDirectory(folder.resolve("certificates")).resolve(Pebble.REFUSED + ".retry");
    Files.writeString(retry, "3 " + now.minusSeconds(60) + "\n");
    open(http, tls);
    declare(Pebble.REFUSED);
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(problems).isNotEmpty());
    assertThat(retry).content().startsWith("4 ");
  }

  /** Hosts that change with every commit must not use up the limits of the authority. */
  @Test
  void newHostsWaitAfterFiftyHostsOfTheDomainLeftWithinAWeek() throws Exception {
    identity.issue("left", List.of("left.home.test"), 30);
    now = Instant.now();
    Path stored = Files.createDirectory(folder.resolve("certificates"));
    String pem = Files.readString(identity.key("left")) + Files.readString(identity.chain("left"));
    for (int i = 0; i < 50; i++) {
      Files.writeString(stored.resolve("h" + i + ".home.test.pem"), pem);
    }
    open(http, tls);
    declare("notes.home.test");
    await().atMost(TIMEOUT).untilAsserted(() -> assertThat(problems).isNotEmpty());
    assertThat(problems.get(CertificateReports.CertificateProblem.NOT_ISSUED))
        .contains("notes.home.test: waits until", "hosts that left")
        .doesNotContain("reaches a listener");
    assertThat(pebble.said("Issued certificate")).isZero();

    declare("notes.home.test", "h0.home.test"); // returns, so that 49 are left
    issued("notes.home.test");
    declare("notes.home.test", "late.home.test");
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(problems.toString()).contains("late.home.test: waits until"));
    now = now.plus(Duration.ofDays(7));
    declare("notes.home.test", "late.home.test");
    issued("late.home.test");
    await().atMost(TIMEOUT).until(problems::isEmpty);
  }

  @Test
  void appsCannotAnswerAcmeChallenges() throws Exception {
    open(http, tls);
    declare("notes.home.test");
    RawHttpClient.Answer answer =
        RawHttpClient.ask(
            http,
            "GET /.well-known/acme-challenge/x HTTP/1.1\r\nHost: notes.home.test:"
                + http
                + "\r\n\r\n");
    assertThat(answer.status()).isEqualTo(404);
    assertThat(door.leases.held).hasValue(0);
  }

  /**
   * Pebble's root certificate is known only after it has started, and the issuer does not matter
   * here.
   */
  private static final class TrustsAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
