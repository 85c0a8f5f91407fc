package io.dropserver.web.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.web.dns.Propagation.AuthoritativeServer;
import io.dropserver.web.tls.Pebble;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uses Debian's Knot DNS as the resolver. */
@Tag("slow")
class ZoneServersTest {
  @TempDir private Path folder;

  @Test
  void theNameServersOfTheZoneAreFound() throws Exception {
    InetSocketAddress silent = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    try (Knot knot = Knot.start(folder.resolve("knot"), Pebble.freePort())) {
      ZoneServers servers = new ZoneServers(List.of(silent, knot.address()), 5300);
      assertThat(servers.find(NameServers.name(Knot.CHALLENGE)))
          .containsExactly(
              new AuthoritativeServer(
                  "ns.example.org",
                  List.of(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 5300))));
      assertThatThrownBy(() -> servers.find(NameServers.name("_acme-challenge.example.com")))
          .isInstanceOf(DnsException.class)
          .hasMessageContainingAll(
              "no zone contains _acme-challenge.example.com", "acme.dns01.nameServers");
    }
  }

  @Test
  void aSilentResolverIsNamed() throws Exception {
    InetSocketAddress silent = InetSocketAddress.createUnresolved("127.0.0.1", Pebble.freePort());
    ZoneServers servers = new ZoneServers(List.of(silent), 53);
    assertThatThrownBy(() -> servers.find(NameServers.name(Knot.CHALLENGE)))
        .isInstanceOf(DnsException.class)
        .hasMessageContainingAll(
            "127.0.0.1:" + silent.getPort() + " does not respond", "acme.dns01.nameServers");
  }
}
