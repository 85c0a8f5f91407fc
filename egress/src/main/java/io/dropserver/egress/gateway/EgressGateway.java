package io.dropserver.egress.gateway;

import io.dropserver.base.concurrent.WakeableLoop;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Forwards HTTP and WebSocket requests of sandboxes, which have no other network access. Each
 * appspace has a separate socket, which identifies the appspace. Thread-safe.
 */
public final class EgressGateway implements AutoCloseable {
  /** How often timeouts are checked. */
  private static final Duration TICK = Duration.ofMillis(250);

  private final GatewayDependencies gatewayDependencies;
  private final EgressLimits limits;
  private final DnsLookups dnsLookups;
  private final AddressGuard addressGuard;
  private final ConnectionSlots connectionSlots;
  private final AppConnection.Gateway shared;
  private final HostPost hostPost;
  private final ConcurrentMap<String, EgressAccount> accounts = new ConcurrentHashMap<>();
  private final WakeableLoop clock;

  /** The services that the gateway uses. */
  public record GatewayDependencies(
      Resolver resolver,
      OwnNames own,
      EgressApprovals approvals,
      Secrets secrets,
      PeerAppspaces siblings,
      HostApi hostApi,
      InstantSource clock) {

    /** Creates the services of a gateway without a {@link HostApi}. */
    public GatewayDependencies(
        Resolver resolver,
        OwnNames own,
        EgressApprovals approvals,
        Secrets secrets,
        PeerAppspaces siblings,
        InstantSource clock) {
      this(resolver, own, approvals, secrets, siblings, HostApi.NONE, clock);
    }
  }

  /**
   * @param trust PEM files of certificate authorities that are trusted in addition to the
   *     platform's
   * @throws IllegalArgumentException with the name of a file that cannot be read
   */
  public EgressGateway(
      GatewayDependencies gatewayDependencies,
      AllowedPrivateRanges allowedPrivateRanges,
      List<Path> trust,
      EgressLimits limits) {
    this.gatewayDependencies = gatewayDependencies;
    this.limits = limits;
    this.dnsLookups = new DnsLookups(gatewayDependencies.resolver());
    this.addressGuard =
        new AddressGuard(allowedPrivateRanges, dnsLookups, gatewayDependencies.own());
    this.connectionSlots =
        new ConnectionSlots(
            limits.totalConnections(), name -> Optional.ofNullable(accounts.get(name)));
    TrustedAuthorities trusted = TrustedAuthorities.with(trust);
    this.hostPost = new HostPost(new Connector(addressGuard, PeerAppspaces.NONE, trusted));
    this.shared =
        new AppConnection.Gateway(
            new Connector(addressGuard, gatewayDependencies.siblings(), trusted),
            gatewayDependencies.secrets(),
            gatewayDependencies.hostApi(),
            limits,
            gatewayDependencies.clock());
    this.clock = new WakeableLoop("egress-time-limits").start(this::watch);
  }

  /**
   * Creates a gateway without secrets and private ranges that discards approval requests, for
   * sandboxes that need no network access.
   */
  public static EgressGateway closed(InstantSource clock) {
    return new EgressGateway(
        new GatewayDependencies(
            Resolver.SYSTEM,
            OwnNames.NONE,
            EgressApprovals.DISCARDING,
            Secrets.NONE,
            PeerAppspaces.NONE,
            clock),
        AllowedPrivateRanges.NONE,
        List.of(),
        EgressLimits.DEFAULT);
  }

  /** Returns the client for documents that the server itself needs. */
  public GuardedFetch fetch() {
    return new GuardedFetch(shared.connector());
  }

  /** Like {@link #fetch()}, but trusts these certificate authorities instead. */
  public GuardedFetch fetch(TrustedAuthorities trusted) {
    return new GuardedFetch(
        new Connector(addressGuard, shared.connector().peerAppspaces(), trusted));
  }

  /** Returns the account of an appspace. Creates it with an empty policy if it does not exist. */
  public EgressAccount account(String appspace) {
    return accounts.computeIfAbsent(
        appspace,
        name ->
            new EgressAccount(name, addressGuard, gatewayDependencies, limits, connectionSlots));
  }

  /** Returns all accounts, sorted by name. */
  public List<EgressAccount> accounts() {
    return accounts.values().stream()
        .sorted(Comparator.comparing(EgressAccount::appspace))
        .toList();
  }

  /** Removes the account with its log and usage, and closes its connections. */
  public void forget(String appspace) {
    EgressAccount account = accounts.remove(appspace);
    if (account != null) {
      account.close();
      dnsLookups.forget(appspace);
    }
  }

  /**
   * Serves a sandbox of an appspace until the returned object is closed.
   *
   * @param socket must not exist; in a folder that no sandbox can write
   */
  public Closeable listen(EgressAccount account, Path socket) throws IOException {
    return EgressListener.open(shared, account, socket);
  }

  /**
   * Posts a message of the server itself, to a URL that a person chose. The URL must lead to a
   * public address, or to one that the operator opened for apps. Blocks up to twenty seconds.
   * Follows no redirect.
   *
   * @return the status of the response
   * @throws IOException when there is no response, with a sentence without path and query
   */
  public int post(String url, Map<String, String> headers, byte[] body) throws IOException {
    return hostPost.post(url, headers, body);
  }

  private Duration watch() {
    long now = System.nanoTime();
    accounts.values().forEach(account -> account.expire(now));
    return TICK;
  }

  @Override
  public void close() {
    clock.close();
    accounts.values().forEach(EgressAccount::close);
    dnsLookups.close();
  }
}
