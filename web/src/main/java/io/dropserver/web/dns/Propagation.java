package io.dropserver.web.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/**
 * Waits until the authoritative name servers serve records. An authority that asks earlier counts a
 * failure, and its resolvers may cache the absence. Thread-safe.
 *
 * @param configured the name servers; empty means those that the zone names
 * @param timeout how long the name servers may take
 */
record Propagation(List<InetSocketAddress> configured, Duration timeout) {
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(5);

  /**
   * Blocks until each name server serves all values.
   *
   * @throws DnsException when a name server does not within the timeout
   */
  void await(String name, Set<String> values) throws InterruptedException {
    Name owner = NameServers.name(name);
    List<AuthoritativeServer> servers =
        configured.isEmpty()
            ? new ZoneServers().find(owner)
            : configured.stream()
                .map(each -> new AuthoritativeServer(NameServers.display(each), List.of(each)))
                .toList();
    long end = System.nanoTime() + timeout.toNanos();
    Duration pause = FIRST_PAUSE;
    List<String> missing = missing(servers, owner, values);
    while (!missing.isEmpty()) {
      if (System.nanoTime() - end > 0) {
        throw new DnsException(
            ("%s was added, but after %d s not all authoritative name servers serve it: %s; check"
                    + " the transfer of the zone, or set acme.dns01.nameServers or"
                    + " acme.dns01.propagationTimeout")
                .formatted(name, timeout.toSeconds(), String.join("; ", missing)));
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2).compareTo(MAX_PAUSE) > 0 ? MAX_PAUSE : pause.multipliedBy(2);
      missing = missing(servers, owner, values);
    }
  }

  /** Returns the name servers that do not serve all values, each with the reason. */
  private static List<String> missing(
      List<AuthoritativeServer> servers, Name owner, Set<String> values)
      throws InterruptedException {
    List<String> missing = new ArrayList<>();
    for (AuthoritativeServer server : servers) {
      problem(server, owner, values).ifPresent(why -> missing.add(server.name() + ": " + why));
    }
    return missing;
  }

  /** Returns why no address of a server serves all values; empty if one does. */
  private static Optional<String> problem(
      AuthoritativeServer server, Name owner, Set<String> values) throws InterruptedException {
    List<String> problems = new ArrayList<>();
    for (InetSocketAddress address : server.addresses()) {
      try {
        Message response =
            NameServers.send(
                NameServers.client(address, QUERY_TIMEOUT),
                NameServers.query(owner, Type.TXT, false));
        if (texts(response).containsAll(values)) {
          return Optional.empty();
        }
        problems.add(
            response.getRcode() == Rcode.NOERROR || response.getRcode() == Rcode.NXDOMAIN
                ? "the record is missing"
                : Rcode.string(response.getRcode()));
      } catch (IOException e) {
        problems.add("no response");
      }
    }
    return Optional.of(problems.stream().distinct().collect(Collectors.joining(", ")));
  }

  private static Set<String> texts(Message response) {
    return response.getSection(Section.ANSWER).stream()
        .filter(TXTRecord.class::isInstance)
        .map(found -> String.join("", ((TXTRecord) found).getStrings()))
        .collect(Collectors.toSet());
  }

  /**
   * @param addresses of one server, any of which may be used
   */
  record AuthoritativeServer(String name, List<InetSocketAddress> addresses) {}
}
