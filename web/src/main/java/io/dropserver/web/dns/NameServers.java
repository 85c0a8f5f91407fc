package io.dropserver.web.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TextParseException;

/** Sends messages to name servers, without a cache. */
final class NameServers {
  private NameServers() {}

  /**
   * Returns a client for one server.
   *
   * @param address may be unresolved if its host is a literal address
   */
  static SimpleResolver client(InetSocketAddress address, Duration timeout) {
    SimpleResolver client =
        new SimpleResolver(
            new InetSocketAddress(
                InetAddress.ofLiteral(
                    address.isUnresolved()
                        ? address.getHostString()
                        : address.getAddress().getHostAddress()),
                address.getPort()));
    client.setTimeout(timeout);
    return client;
  }

  static Message query(Name name, int type, boolean recursive) {
    Message query = Message.newQuery(Record.newRecord(name, type, org.xbill.DNS.DClass.IN));
    if (!recursive) {
      query.getHeader().unsetFlag(Flags.RD);
    }
    return query;
  }

  /**
   * Sends a message and returns the response.
   *
   * @throws IOException when there is no response
   */
  static Message send(SimpleResolver client, Message message)
      throws IOException, InterruptedException {
    try {
      return client.send(message);
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException(e.getMessage());
      }
      throw e;
    }
  }

  /** Returns the zone that a response to a query for SOA names; empty if it names none. */
  static Optional<Name> zone(Message response) {
    if (response.getRcode() != Rcode.NOERROR && response.getRcode() != Rcode.NXDOMAIN) {
      return Optional.empty();
    }
    for (int section : new int[] {Section.ANSWER, Section.AUTHORITY}) {
      for (Record found : response.getSection(section)) {
        if (found.getType() == org.xbill.DNS.Type.SOA && found.getName().labels() > 1) {
          return Optional.of(found.getName());
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Returns an absolute name.
   *
   * @throws DnsException when the text is not a name
   */
  static Name name(String text) {
    try {
      return Name.fromString(text, Name.root);
    } catch (TextParseException e) {
      throw new DnsException(text + " is not a name: " + e.getMessage(), e);
    }
  }

  /** Returns the text of an address, like 192.0.2.53:53 or [2001:db8::53]:53. */
  static String display(InetSocketAddress address) {
    String host = address.getHostString();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
