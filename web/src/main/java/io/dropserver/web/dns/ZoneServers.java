package io.dropserver.web.dns;

import io.dropserver.web.dns.Propagation.AuthoritativeServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.NSRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/**
 * Finds the authoritative name servers of a zone.
 *
 * @param resolvers the resolvers of this machine
 * @param port the port of the name servers
 */
record ZoneServers(List<InetSocketAddress> resolvers, int port) {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int MAX_SERVERS = 16;
  private static final int MAX_ADDRESSES = 4;
  private static final int DNS_PORT = 53;

  /** Uses the resolvers of {@code /etc/resolv.conf}. */
  ZoneServers() {
    this(systemResolvers(), DNS_PORT);
  }

  private static List<InetSocketAddress> systemResolvers() {
    ResolverConfig.refresh();
    return List.copyOf(ResolverConfig.getCurrentConfig().servers());
  }

  /**
   * Returns the name servers of the zone that contains a name.
   *
   * @throws DnsException when none is found
   */
  List<AuthoritativeServer> find(Name name) throws InterruptedException {
    Name zone =
        NameServers.zone(ask(name, Type.SOA))
            .orElseThrow(() -> notFound("no zone contains " + name.toString(true)));
    List<AuthoritativeServer> servers = new ArrayList<>();
    for (Record found : ask(zone, Type.NS).getSection(Section.ANSWER)) {
      if (found instanceof NSRecord server && servers.size() < MAX_SERVERS) {
        List<InetSocketAddress> addresses = addresses(server.getTarget());
        if (!addresses.isEmpty()) {
          servers.add(new AuthoritativeServer(server.getTarget().toString(true), addresses));
        }
      }
    }
    if (servers.isEmpty()) {
      throw notFound(
          "the zone " + zone.toString(true) + " names no name server that has an address");
    }
    return servers;
  }

  private List<InetSocketAddress> addresses(Name server) throws InterruptedException {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (int type : new int[] {Type.A, Type.AAAA}) {
      for (Record found : ask(server, type).getSection(Section.ANSWER)) {
        Optional<InetAddress> address =
            switch (found) {
              case ARecord a -> Optional.of(a.getAddress());
              case AAAARecord a -> Optional.of(a.getAddress());
              default -> Optional.empty();
            };
        address
            .filter(_ -> addresses.size() < MAX_ADDRESSES)
            .ifPresent(a -> addresses.add(new InetSocketAddress(a, port)));
      }
    }
    return addresses;
  }

  private Message ask(Name name, int type) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    for (InetSocketAddress resolver : resolvers) {
      try {
        return NameServers.send(
            NameServers.client(resolver, TIMEOUT), NameServers.query(name, type, true));
      } catch (IOException e) {
        problems.add(NameServers.display(resolver) + " does not respond: " + e.getMessage());
      }
    }
    throw notFound(
        problems.isEmpty() ? "/etc/resolv.conf names no resolver" : String.join("; ", problems));
  }

  private static DnsException notFound(String why) {
    return new DnsException(
        "the authoritative name servers cannot be found with the resolvers of this machine: "
            + why
            + "; set acme.dns01.nameServers");
  }
}
