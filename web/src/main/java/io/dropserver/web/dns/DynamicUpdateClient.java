package io.dropserver.web.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TSIGRecord;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;
import org.xbill.DNS.Update;

/**
 * Adds and removes records by dynamic updates (RFC 2136) over TCP, signed with a TSIG key, which is
 * read for each message. Responses that the key does not verify are not believed. Thread-safe.
 *
 * @param server the primary name server of the zone
 */
record DynamicUpdateClient(InetSocketAddress server, Path keyFile) implements TxtRecords {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  /** In seconds. Resolvers of the authority may cache the record for this time. */
  private static final int TTL = 60;

  @Override
  public void add(TxtRecord txtRecord) throws InterruptedException {
    update(txtRecord, (update, resource) -> update.add(resource));
  }

  /** Removes only the record with this value (RFC 2136, section 2.5.4). */
  @Override
  public void remove(TxtRecord txtRecord) throws InterruptedException {
    update(txtRecord, (update, resource) -> update.delete(resource));
  }

  /**
   * Checks without effect whether the server responds, and as far as it says so for a name in no
   * zone of its own, whether it knows the key.
   *
   * @throws DnsException when the server does not respond or rejects the key
   */
  void check() throws InterruptedException {
    TsigKey key = TsigKey.read(keyFile);
    requireNoKeyProblem(key, send(key, NameServers.query(Name.root, Type.SOA, false)));
  }

  private interface Change {
    void apply(Update update, TXTRecord resource);
  }

  private void update(TxtRecord txtRecord, Change change) throws InterruptedException {
    Name name = NameServers.name(txtRecord.name());
    TsigKey key = TsigKey.read(keyFile);
    Name zone = zone(name, key);
    Update update = new Update(zone);
    change.apply(update, new TXTRecord(name, DClass.IN, TTL, txtRecord.value()));
    Message response = send(key, update);
    requireNoKeyProblem(key, response);
    if (response.getRcode() != Rcode.NOERROR) {
      throw new DnsException(
          ("%s refuses to update the TXT record %s in the zone %s (%s); permit it there for the"
                  + " TSIG key %s")
              .formatted(
                  displayServer(),
                  txtRecord.name(),
                  zone.toString(true),
                  Rcode.string(response.getRcode()),
                  key.displayName()));
    }
    if (!response.isVerified()) {
      throw new DnsException(
          displayServer() + " sent a response without a valid signature; its result is unknown");
    }
  }

  /** Returns the zone of the server that contains a name. */
  private Name zone(Name name, TsigKey key) throws InterruptedException {
    Message response = send(key, NameServers.query(name, Type.SOA, false));
    requireNoKeyProblem(key, response);
    String code = Rcode.string(response.getRcode());
    if (response.getRcode() == Rcode.NOTAUTH) {
      // Knot DNS sends this for keys that no rule of the zone names.
      throw new DnsException(
          keyProblem(
              key,
              ("does not accept the TSIG key %%s for the zone that contains %s (%s); configure a"
                      + " key of the same name and algorithm there, and permit updates with it")
                  .formatted(name.toString(true), code)));
    }
    if (!response.isVerified() || !response.getHeader().getFlag(Flags.AA)) {
      throw noZone(name, code);
    }
    return NameServers.zone(response).orElseThrow(() -> noZone(name, code));
  }

  private DnsException noZone(Name name, String code) {
    return new DnsException(
        ("%s has no zone that contains %s, or does not say so (%s); name the primary name server of"
                + " the zone, and let it answer queries of this machine that are signed with the"
                + " key")
            .formatted(displayServer(), name.toString(true), code));
  }

  private Message send(TsigKey key, Message message) throws InterruptedException {
    SimpleResolver client = NameServers.client(server, TIMEOUT);
    client.setTCP(true); // a forged response over UDP could delay the order
    client.setTSIGKey(key.tsig());
    try {
      return NameServers.send(client, message);
    } catch (IOException e) {
      throw new DnsException(
          "%s does not respond: %s; make sure that the address is right and that it accepts TCP"
              .formatted(displayServer(), e.getMessage()),
          e);
    }
  }

  private void requireNoKeyProblem(TsigKey key, Message response) {
    TSIGRecord signature = response.getTSIG();
    switch (signature == null ? Rcode.NOERROR : signature.getError()) {
      case Rcode.BADKEY ->
          throw new DnsException(
              keyProblem(
                  key,
                  "does not know the TSIG key %s; configure a key of the same name and algorithm"
                      + " there"));
      case Rcode.BADSIG ->
          throw new DnsException(
              keyProblem(key, "has another secret for the TSIG key %s; copy its secret"));
      case Rcode.BADTIME ->
          throw new DnsException(
              keyProblem(
                  key,
                  "does not accept the TSIG key %s now, because its clock differs from this"
                      + " machine's by more than five minutes; set both clocks"));
      default -> {
        // The key is accepted, or the server says nothing about it.
      }
    }
  }

  private String keyProblem(TsigKey key, String problem) {
    return "%s %s; the key is in %s (acme.dns01.rfc2136.keyFile)"
        .formatted(displayServer(), problem.formatted(key.displayName()), keyFile);
  }

  private String displayServer() {
    return "the name server %s (acme.dns01.rfc2136.server)".formatted(NameServers.display(server));
  }
}
