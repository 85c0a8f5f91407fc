package io.dropserver.web.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dropserver.schema.host.AcmeDns;
import io.dropserver.schema.host.HostConfig.Acme;
import io.dropserver.web.dns.Knot;
import io.dropserver.web.dns.Nsupdate;
import io.dropserver.web.tls.CertificateReports.CertificateProblem;
import io.dropserver.web.tls.Certificates.AcmeOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.shredzone.acme4j.exception.AcmeException;

/** Certificates by DNS-01, with Debian's Pebble and Knot DNS. */
@SuppressWarnings("NullAway.Init") // set by each test
@Tag("slow")
class AcmeDnsTest {
  private static final String DOMAIN = "home.example.org";
  private static final Set<String> HOSTS = Set.of(DOMAIN, "notes." + DOMAIN, "wiki." + DOMAIN);
  private static final Duration TIMEOUT = Duration.ofSeconds(90);

  @TempDir private Path folder;
  private final Map<CertificateProblem, String> problems = new ConcurrentHashMap<>();
  private volatile Instant now = Instant.now();
  private TestAuthority identity;
  private Knot knot;
  private Pebble pebble;
  private AcmeOrders orders;

  @BeforeEach
  void start() throws IOException {
    identity = new TestAuthority(folder);
    knot = Knot.start(folder.resolve("knot"), Pebble.freePort());
    pebble = Pebble.start(folder, identity, knot.address());
  }

  @AfterEach
  void close() {
    try (Knot _ = knot;
        Pebble _ = pebble;
        AcmeOrders _ = orders) {
      // Closed in reverse order, as far as they exist.
    }
  }

  private void order(List<String> command, Duration propagation, InetSocketAddress... servers) {
    Acme acme =
        new Acme(
            pebble.directory(),
            Optional.empty(),
            List.of(identity.root()),
            Optional.of(new AcmeDns(command, List.of(servers), propagation)));
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
    orders =
        new AcmeOrders(AcmeOptions.of(acme, folder.resolve("certificates")), reports, () -> now);
    orders.setHosts(HOSTS, HOSTS, DOMAIN);
  }

  /** Returns the command of docs/operate/tls.md. */
  private List<String> updates(String key) throws IOException {
    knot.keyFile(key, Knot.SECRET);
    return Nsupdate.command(folder, knot.address(), knot.key());
  }

  private KeyedCertificate issued() {
    await().atMost(TIMEOUT).until(() -> orders.of(DOMAIN).isPresent());
    return orders.of(DOMAIN).orElseThrow();
  }

  private void awaitNoRecords(String... others) {
    await()
        .atMost(TIMEOUT)
        .untilAsserted(() -> assertThat(knot.texts(Knot.CHALLENGE)).containsExactly(others));
    await()
        .atMost(TIMEOUT)
        .untilAsserted(
            () -> assertThat(folder.resolve("certificates/dns-01.records")).doesNotExist());
  }

  private String problem() {
    await().atMost(TIMEOUT).until(() -> !problems.isEmpty());
    return String.valueOf(problems.get(CertificateProblem.NOT_ISSUED));
  }

  @Test
  void oneCertificateContainsTheDomainAndAllItsHosts() throws Exception {
    knot.addText("_acme-challenge.home", "of-another-program");
    order(updates("dropserver"), TIMEOUT, knot.address());
    KeyedCertificate issued = issued();
    assertThat(issued.names()).containsExactlyInAnyOrder(DOMAIN, "*." + DOMAIN);
    for (String host : HOSTS) {
      assertThat(orders.of(host)).contains(issued);
    }
    assertThat(orders.of("a.b." + DOMAIN)).isEmpty();
    assertThat(orders.of("example.org")).isEmpty();
    awaitNoRecords("of-another-program");

    Set<String> later = Set.of(DOMAIN, "late." + DOMAIN);
    orders.setHosts(later, later, DOMAIN);
    assertThat(orders.of("late." + DOMAIN)).contains(issued);
    assertThat(pebble.said("Issued certificate")).isEqualTo(1);
    Duration life = Duration.between(issued.notBefore(), issued.notAfter());
    now = issued.notBefore().plus(life.multipliedBy(2).dividedBy(3)).plusSeconds(1);
    orders.setHosts(HOSTS, HOSTS, DOMAIN);
    await().atMost(TIMEOUT).until(() -> !issued().id().equals(issued.id()));
    awaitNoRecords("of-another-program");
    assertThat(problems).isEmpty();
  }

  @Test
  void recordsThatACrashLeftBehindAreRemovedAtTheNextStart() throws Exception {
    knot.addText("_acme-challenge.home", "of-another-program");
    InetSocketAddress silent = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    order(updates("dropserver"), Duration.ofHours(1), silent);
    await().atMost(TIMEOUT).until(() -> knot.texts(Knot.CHALLENGE).size() == 3);
    orders.close(); // interrupts the wait, so the records remain
    assertThat(knot.texts(Knot.CHALLENGE)).hasSize(3);

    order(updates("dropserver"), TIMEOUT, knot.address());
    issued();
    awaitNoRecords("of-another-program");
  }

  @Test
  void theAuthorityIsNotAskedBeforeEveryNameServerServesTheRecord() throws Exception {
    try (Knot second = Knot.start(folder.resolve("second"), Pebble.freePort())) {
      order(updates("dropserver"), Duration.ofSeconds(1), knot.address(), second.address());
      assertThat(problem())
          .contains(
              DOMAIN + ", *." + DOMAIN,
              "127.0.0.1:" + second.address().getPort() + ": the record is missing",
              "acme.dns01.propagationTimeout",
              "next attempt at " + now.plus(Duration.ofMinutes(5)))
          .doesNotContain("127.0.0.1:" + knot.address().getPort() + ":", "port 443");
      awaitNoRecords();
      assertThat(pebble.said("Pulled a task from the Tasks queue")).isZero();
    }
  }

  @Test
  void anUnknownKeyIsReportedAndRetriedAfterFiveMinutes() throws Exception {
    order(updates("stranger"), TIMEOUT, knot.address());
    assertThat(problem())
        .contains(
            "dns-nsupdate (acme.dns01.command) ended with exit code 1", "TSIG", "next attempt at");
    knot.keyFile("dropserver", Knot.SECRET);
    now = now.plus(Duration.ofMinutes(4));
    orders.setHosts(HOSTS, HOSTS, DOMAIN);
    orders.setHosts(HOSTS, HOSTS, DOMAIN);
    assertThat(orders.of(DOMAIN)).isEmpty();
    now = now.plus(Duration.ofMinutes(2));
    orders.setHosts(HOSTS, HOSTS, DOMAIN);
    issued();
    await().atMost(TIMEOUT).until(problems::isEmpty);
  }

  @Test
  void aRefusalOfTheAuthorityIsReportedAndItsRecordsAreRemoved() throws Exception {
    pebble.close();
    try (Knot other = Knot.start(folder.resolve("other"), Pebble.freePort())) {
      pebble = Pebble.start(folder, identity, other.address());
      order(updates("dropserver"), TIMEOUT, knot.address());
      assertThat(problem())
          .contains(
              DOMAIN + ", *." + DOMAIN + ": dns-01: ",
              "name servers that the internet uses",
              "next attempt at " + now.plus(Duration.ofMinutes(30)));
      awaitNoRecords();
    }
  }

  @Test
  void anAuthorityCannotChooseTheNameOfARecord() throws Exception {
    List<String> domains = List.of(DOMAIN, "*." + DOMAIN);
    assertThat(AcmeAuthority.requireOrdered(domains, DOMAIN)).isEqualTo(DOMAIN);
    assertThatThrownBy(() -> AcmeAuthority.requireOrdered(domains, "x; touch pwned.example.org"))
        .isInstanceOf(AcmeException.class)
        .hasMessageContaining("not ordered");
  }

  @Test
  void hostsOutsideTheDomainAreOrderedSeparately() {
    Set<String> hosts = Set.of(DOMAIN, "notes." + DOMAIN, "a.b." + DOMAIN, "wiki.example.net");
    assertThat(CertificateOrder.of(hosts, DOMAIN, true))
        .extracting(CertificateOrder::displayName)
        .containsExactly(DOMAIN + ", *." + DOMAIN, "a.b." + DOMAIN, "wiki.example.net");
    assertThat(CertificateOrder.of(hosts, DOMAIN, false))
        .extracting(CertificateOrder::displayName)
        .containsExactlyInAnyOrderElementsOf(hosts)
        .endsWith("wiki.example.net");
    assertThat(CertificateOrder.of(Set.of("a.example.net", "z." + DOMAIN), DOMAIN, false))
        .as("a host of a stranger's domain never comes first")
        .extracting(CertificateOrder::foreign)
        .containsExactly(false, true);
  }
}
