package io.dropserver.egress.gateway;

import static io.dropserver.egress.gateway.GatewayFixture.address;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tries to reach non-public addresses, in every spelling and with every answer of a name server,
 * each time with a whitelist that allows exactly this URL. Servers on the loopback addresses count
 * connections.
 */
@Timeout(60)
class SsrfTest {
  @TempDir private Path folder;
  private GatewayFixture fixture;
  private final List<LoopbackServer> collectors = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    fixture = new GatewayFixture(folder, GatewayFixture.quick(), List.of(), "127.0.0.2/32");
    collectors.add(LoopbackServer.plain(LoopbackServer::echo));
    if (hasIpv6()) {
      collectors.add(LoopbackServer.at(address("::1"), LoopbackServer::echo));
    }
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
    for (LoopbackServer collector : collectors) {
      collector.close();
    }
  }

  private static boolean hasIpv6() throws IOException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .anyMatch(address("::1")::equals);
  }

  private void assertNoRequestArrived(String what) {
    assertThat(collectors).as(what).allMatch(collector -> collector.connections() == 0);
  }

  private static void assertRefused(String what, String answer) {
    assertThat(answer).as(what).startsWith("HTTP/1.1 4").contains("Dropserver-Egress: ");
  }

  /** Proves that the other tests could fail. */
  @Test
  void theCollectorsAreReachedWhereTheOperatorOpensThem() throws Exception {
    LoopbackServer collector = collectors.getFirst();
    Path other = java.nio.file.Files.createDirectory(folder.resolve("opened"));
    try (GatewayFixture opened =
        new GatewayFixture(other, GatewayFixture.quick(), List.of(), "127.0.0.0/8")) {
      for (String host : List.of("127.0.0.1", "2130706433", "127.1", "[::ffff:127.0.0.1]")) {
        String url = "http://" + host + ":" + collector.port() + "/";
        opened.allowWherever(url);
        assertThat(opened.get(url)).contains("GET / 0");
      }
    }
    assertThat(collector.connections()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void everySpellingOfAPrivateHostIsRefused(String host) throws IOException {
    for (LoopbackServer collector : collectors) {
      for (String scheme : List.of("http", "https", "ws", "wss")) {
        for (String end : List.of(":" + collector.port() + "/", "/")) {
          String url = scheme + "://" + host + end;
          fixture.allowWherever(url);
          assertRefused(url, fixture.get(url));
        }
      }
      String preface =
          "CONNECT %s:%d HTTP/1.1\r\nHost: x\r\nDropserver-Egress: http\r\n\r\n"
              .formatted(host, collector.port());
      fixture.allowWherever("http://" + host + ":" + collector.port() + "/");
      assertRefused(
          host, fixture.send(preface + "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    }
    assertNoRequestArrived(host);
  }

  static Stream<String> hosts() {
    return PrivateDestinations.HOSTS.stream();
  }

  @Test
  void atLeast150PrivateDestinationsAreTested() {
    assertThat(PrivateDestinations.HOSTS.size() + 3 * PrivateDestinations.ANSWERS.size())
        .isGreaterThanOrEqualTo(150);
  }

  @ParameterizedTest
  @MethodSource("answers")
  void nonPublicAnswersAreRefusedAloneAndAmongOthers(String answer) throws IOException {
    String url = "http://name.test:" + collectors.getFirst().port() + "/";
    fixture.allow(url);
    for (List<String> answers :
        List.of(List.of(answer), List.of("127.0.0.2", answer), List.of(answer, "127.0.0.2"))) {
      fixture.resolves("name.test", answers.toArray(String[]::new));
      String refused = fixture.get(url);
      assertThat(refused).as(answers.toString()).contains("reason=not-public");
    }
    assertNoRequestArrived(answer);
  }

  static Stream<String> answers() {
    return PrivateDestinations.ANSWERS.stream();
  }

  @Test
  void ownAddressesOfTheMachineAreRefused() throws Exception {
    List<InetAddress> own =
        NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses).toList();
    try (LoopbackServer everywhere = LoopbackServer.at(address("0.0.0.0"), LoopbackServer::echo)) {
      String url = "http://name.test:" + everywhere.port() + "/";
      fixture.allow(url);
      for (InetAddress address : own) {
        fixture.names.put("name.test", () -> List.of(address));
        assertThat(fixture.get(url)).as(address.toString()).contains("reason=not-public");
      }
      assertThat(everywhere.connections()).isZero();
    }
  }

  @Test
  void addressesOfTheInstanceAreRefusedUnderAnyName() throws IOException {
    fixture.resolves("alias.test", "198.18.0.7");
    fixture.allow("https://alias.test/", "https://notes.home.test/");
    assertThat(fixture.get("https://alias.test/")).contains("reason=not-public");
    assertThat(fixture.get("https://notes.home.test/")).contains("reason=own-name");
  }

  @Test
  void aNameThatChangesBetweenCheckAndUseIsResolvedOnce() throws Exception {
    // In this order, because the ports of clients at 127.0.0.1 are not free.
    try (LoopbackServer bait = LoopbackServer.at(address("127.0.0.1"), LoopbackServer::echo);
        LoopbackServer honest =
            LoopbackServer.at(address("127.0.0.2"), bait.port(), LoopbackServer::echo)) {
      Iterator<String> turns = Stream.iterate("127.0.0.2", turn -> "127.0.0.1").iterator();
      fixture.names.put("name.test", () -> List.of(address(turns.next())));
      String url = "http://name.test:" + honest.port() + "/";
      fixture.allow(url);
      assertThat(fixture.get(url)).contains("GET / 0");
      assertThat(fixture.lookUps).hasValue(1);
      assertThat(fixture.get(url)).as("on the kept connection").contains("GET / 0");
      fixture.allow(url, "https://other.test/");
      assertThat(fixture.get(url)).as("looked up again").contains("reason=not-public");
      assertThat(bait.connections()).isZero();
    }
  }

  @Test
  void aRedirectIsReturnedAndItsTargetJudgedLikeAnyOther() throws Exception {
    String target = "http://127.0.0.1:" + collectors.getFirst().port() + "/";
    try (LoopbackServer redirecting =
        LoopbackServer.at(
            address("127.0.0.2"),
            (request, out) ->
                out.write(
                    ("HTTP/1.1 302 Found\r\nLocation: " + target + "\r\nContent-Length: 0\r\n\r\n")
                        .getBytes(java.nio.charset.StandardCharsets.US_ASCII)))) {
      fixture.resolves("name.test", "127.0.0.2");
      String url = "http://name.test:" + redirecting.port() + "/";
      fixture.allow(url);
      assertThat(fixture.get(url)).startsWith("HTTP/1.1 302 Found").contains("Location: " + target);
      fixture.allowWherever(target);
      assertRefused(target, fixture.get(target));
      assertNoRequestArrived("redirect");
    }
  }

  @Test
  void namesOutsideTheWhitelistAreNotLookedUp() throws IOException {
    fixture.resolves("c2VjcmV0.attacker.test", "127.0.0.2");
    assertThat(fixture.get("https://c2VjcmV0.attacker.test/")).contains("denied; request=");
    assertThat(fixture.lookUps).hasValue(0);
  }

  @Test
  void aTunnelIsRefusedWithASentence() throws IOException {
    try (SocketChannel channel = fixture.connect()) {
      GatewayFixture.write(
          channel,
          "CONNECT 127.0.0.1:" + collectors.getFirst().port() + " HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat(GatewayFixture.readAll(channel))
          .startsWith("HTTP/1.1 403")
          .contains("tunnels are not allowed");
    }
    assertNoRequestArrived("tunnel");
  }
}
