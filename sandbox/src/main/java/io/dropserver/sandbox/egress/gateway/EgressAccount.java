package io.dropserver.sandbox.egress.gateway;

import io.dropserver.sandbox.budget.RelayScheduler;
import io.dropserver.sandbox.budget.TokenBucket;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.DestinationException;
import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.sandbox.egress.EgressPolicy.Grant;
import io.dropserver.sandbox.egress.EgressPolicy.Granted;
import io.dropserver.sandbox.egress.EgressPolicy.Refused;
import io.dropserver.sandbox.egress.EgressPolicy.Undecided;
import io.dropserver.sandbox.egress.Host;
import io.dropserver.sandbox.egress.UrlPattern;
import io.dropserver.schema.instance.Limits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The state of one appspace in the gateway: its policy, its usage, and its open connections.
 * Thread-safe.
 */
public final class EgressAccount {
  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private final String appspace;
  private final AddressGuard addressGuard;
  private final PeerAppspaces peerAppspaces;
  private final EgressApprovals approvals;
  private final InstantSource clock;
  private final EgressLog log = new EgressLog();
  private final ConnectionSlots slots;
  private final EgressConnectionPool pool;
  private final TokenBucket requests;
  private final TokenBucket bytes;
  private final Set<AppConnection> connections = ConcurrentHashMap.newKeySet();
  private volatile int maxConnections;

  /** Whether a grant has ended whose requests are still to be cut. */
  private volatile boolean hasEndedGrants;

  private volatile PolicyInForce inForce = PolicyInForce.NOTHING;

  /**
   * @param declared the policy with all its grants
   * @param policy without the grants that have ended
   * @param until when the next grant ends
   */
  private record PolicyInForce(EgressPolicy declared, EgressPolicy policy, Instant until) {
    static final PolicyInForce NOTHING =
        new PolicyInForce(EgressPolicy.NOTHING, EgressPolicy.NOTHING, Instant.MAX);

    static PolicyInForce of(EgressPolicy declared, Instant now) {
      return new PolicyInForce(
          declared, declared.at(now), declared.nextEnd(now).orElse(Instant.MAX));
    }
  }

  EgressAccount(
      String appspace,
      AddressGuard addressGuard,
      EgressGateway.GatewayDependencies gatewayDependencies,
      EgressLimits limits,
      ConnectionSlots slots) {
    this.slots = slots;
    this.pool = new EgressConnectionPool(() -> slots.tryTake(this), slots::release);
    this.maxConnections = limits.connections();
    this.appspace = appspace;
    this.addressGuard = addressGuard;
    this.peerAppspaces = gatewayDependencies.siblings();
    this.approvals = gatewayDependencies.approvals();
    this.clock = gatewayDependencies.clock();
    this.requests = new TokenBucket(limits.burst(), limits.requestsPerSecond());
    this.bytes = new TokenBucket(limits.bytesPerHour(), limits.bytesPerHour() / 3600.0);
  }

  public String appspace() {
    return appspace;
  }

  public EgressLog log() {
    return log;
  }

  /**
   * Replaces the policy. Drops idle connections to destinations, and cuts requests in progress that
   * the new policy does not allow.
   */
  public void applyPolicy(EgressPolicy next) {
    synchronized (pool) {
      if (inForce.declared().equals(next)) {
        return;
      }
      inForce = PolicyInForce.of(next, clock.instant());
    }
    cutDisallowed();
  }

  /** Returns the policy of this instant. A grant that has ended decides nothing more. */
  private EgressPolicy policy() {
    PolicyInForce now = inForce;
    return clock.instant().isBefore(now.until()) ? now.policy() : withoutEnded().policy();
  }

  private PolicyInForce withoutEnded() {
    synchronized (pool) {
      Instant now = clock.instant();
      if (!now.isBefore(inForce.until())) {
        inForce = PolicyInForce.of(inForce.declared(), now);
        hasEndedGrants = true;
      }
      return inForce;
    }
  }

  /** Ends the requests of grants that have ended. */
  private void cutEnded() {
    if (!clock.instant().isBefore(inForce.until())) {
      var _ = withoutEnded();
    }
    if (hasEndedGrants) {
      hasEndedGrants = false;
      cutDisallowed();
    }
  }

  private void cutDisallowed() {
    pool.dropAll();
    // A request is registered with its connection before it is decided. So each request is either
    // cut here or decided by the new policy.
    connections.forEach(connection -> connection.cutUnless(this::stillAllowed));
  }

  /**
   * Applies new limits immediately. Connections above a lower limit stay open; idle ones are closed
   * when the app opens another connection.
   */
  public void applyLimits(Limits.AppspaceEgressLimits limits) {
    requests.change(
        (double) limits.requestsPerSecond() * EgressLimits.BURST_SECONDS,
        limits.requestsPerSecond());
    bytes.change((double) limits.bytesPerHour(), limits.bytesPerHour() / 3600.0);
    maxConnections = limits.connections();
    slots.signalChange();
  }

  private boolean stillAllowed(Destination destination, String method) {
    return HostApi.isAt(destination) || decide(destination, method) instanceof Granted;
  }

  /**
   * Decides a request. A denial of a URL overrides the grant of the appspace that serves the URL.
   */
  private EgressPolicy.Decision decide(Destination destination, String method) {
    EgressPolicy now = policy();
    EgressPolicy.Decision decision = now.decide(destination, method);
    boolean known = EgressPolicy.METHODS.contains(method);
    return known && !(decision instanceof Refused) && isGrantedSibling(destination, now)
        ? new Granted(everythingAt(destination))
        : decision;
  }

  private boolean isGrantedSibling(Destination destination, EgressPolicy now) {
    return isGrantedSibling(destination.host(), destination.port(), now);
  }

  private boolean isGrantedSibling(Host host, int port, EgressPolicy now) {
    return peerAppspaces
        .appspaceAt(host, port)
        .filter(name -> now.appspaces().contains(name))
        .isPresent();
  }

  private static Grant everythingAt(Destination sibling) {
    return new Grant(
        new UrlPattern(sibling.scheme(), sibling.host(), false, sibling.port(), "/"),
        EgressPolicy.METHODS,
        Collections.emptySortedMap());
  }

  /**
   * Returns why every URL at a host and port is refused; empty if the gateway must decide each
   * request. The permission broker calls this method, because Deno tells it only host and port.
   *
   * @param hostAndPort as the app wrote it
   */
  public Optional<String> refusal(String hostAndPort) {
    int colon = hostAndPort.lastIndexOf(':');
    int port = Destination.port(hostAndPort.substring(colon + 1));
    if (colon < 1 || port == 0) {
      return Optional.of("not a host and a port");
    }
    try {
      Host host = Host.parse(hostAndPort.substring(0, colon));
      if (HostApi.isAt(host)) {
        return Optional.empty();
      }
      Optional<Refusal> never =
          isGrantedSibling(host, port, policy()) ? Optional.empty() : addressGuard.refusal(host);
      return never
          .or(() -> policy().denialOfHostAndPort(host, port).map(denial -> Refusal.decided()))
          .map(Refusal::sentence);
    } catch (DestinationException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Decides a request and returns the grant that allows it.
   *
   * @param method upper case
   * @throws RefusedException unless the request is granted; undecided requests are submitted for
   *     approval
   */
  Grant authorize(Destination destination, String method) throws RefusedException {
    requirePermittedHost(destination);
    return switch (decide(destination, method)) {
      case Granted(Grant grant) -> grant;
      case Refused refused -> throw new RefusedException(Refusal.decided());
      case Undecided undecided -> {
        if (!EgressPolicy.METHODS.contains(method)) {
          throw new RefusedException(Refusal.unknownMethod(method));
        }
        SortedSet<String> methods = new TreeSet<>(Set.of(method));
        throw new RefusedException(submitForApproval(destination, methods, Optional.empty()));
      }
    };
  }

  /**
   * Decides a call of {@code requestEgress}.
   *
   * @throws RefusedException unless all methods are granted; undecided ones are submitted for
   *     approval
   */
  void authorize(Destination destination, RequestEgressCall egressCall) throws RefusedException {
    requirePermittedHost(destination);
    SortedSet<String> undecided = new TreeSet<>();
    for (String method : egressCall.methods()) {
      switch (decide(destination, method)) {
        case Granted granted -> {}
        case Refused refused -> throw new RefusedException(Refusal.decided());
        case Undecided open -> undecided.add(method);
      }
    }
    if (!undecided.isEmpty()) {
      throw new RefusedException(submitForApproval(destination, undecided, egressCall.reason()));
    }
  }

  /**
   * Decides whether to accept a connection before its first request.
   *
   * @param methods the methods that the client declares; empty if it may not be an HTTP client
   * @throws RefusedException when no request on the connection would be granted
   */
  void authorizeConnection(Destination origin, SortedSet<String> methods) throws RefusedException {
    if (HostApi.isAt(origin)) {
      return;
    }
    requirePermittedHost(origin);
    EgressPolicy now = policy();
    switch (now.decideOrigin(origin)) {
      case Granted granted -> {}
      case Refused refused -> throw new RefusedException(Refusal.decided());
      case Undecided undecided -> {
        if (isGrantedSibling(origin, now)) {
          return;
        }
        throw new RefusedException(
            methods.isEmpty()
                ? Refusal.raw()
                : submitForApproval(origin, methods, Optional.empty()));
      }
    }
  }

  private void requirePermittedHost(Destination destination) throws RefusedException {
    Optional<Refusal> never = addressGuard.refusal(destination.host());
    if (never.isPresent() && !isGrantedSibling(destination, policy())) {
      throw new RefusedException(never.get());
    }
  }

  private Refusal submitForApproval(
      Destination destination, SortedSet<String> methods, Optional<String> reason) {
    var origin = EgressApprovals.Origin.of(destination);
    String id = EgressApprovals.id(appspace, origin.url());
    return Refusal.undecided(
        approvals.submit(
            new EgressApprovals.Request(
                id,
                appspace,
                origin,
                Collections.unmodifiableSortedSet(methods),
                reason,
                clock.instant())));
  }

  boolean takeBytes(int number) {
    return bytes.take(number);
  }

  /**
   * Charges connections or requests, including those that are refused.
   *
   * @param number negative to refund refused requests
   * @return nanoseconds that the app must wait before it is served
   */
  long chargeRequests(int number) {
    return requests.charge(number);
  }

  /**
   * Charges bytes that do not reach a destination: request heads, and drained parts of refused
   * bodies.
   *
   * @return nanoseconds that the app must wait before it is served
   */
  long chargeBytes(int number) {
    return Math.min(bytes.charge(number), LONGEST_PAUSE_NANOS);
  }

  /** Creates a relay that charges CPU time to this appspace. */
  RelayScheduler.Relay relay() {
    return RelayScheduler.PROCESS.relay(appspace);
  }

  EgressConnectionPool pool() {
    return pool;
  }

  void register(AppConnection connection) {
    connections.add(connection);
  }

  void unregister(AppConnection connection) {
    connections.remove(connection);
  }

  /** Returns the number of open connections from the app. */
  public int openConnections() {
    return connections.size();
  }

  ConnectionSlots slots() {
    return slots;
  }

  /**
   * Returns the limit for the sum of connections from the app and idle connections to destinations.
   */
  int maxConnections() {
    return maxConnections;
  }

  /**
   * Closes an idle connection: the least recently used to a destination, or else the one from the
   * app that has been idle longest.
   *
   * @return false if no connection is idle
   */
  boolean closeLongestIdle() {
    if (pool.dropOldest()) {
      return true;
    }
    Optional<AppConnection> idle =
        connections.stream()
            .filter(AppConnection::isIdle)
            .min(Comparator.comparingLong(AppConnection::idleSinceNanos));
    idle.ifPresent(AppConnection::close);
    return idle.isPresent();
  }

  /** Closes an idle connection, or, if none is idle, the one with the most recent request. */
  void closeOne() {
    if (!closeLongestIdle()) {
      connections.stream()
          .max(Comparator.comparingLong(AppConnection::idleSinceNanos))
          .ifPresent(AppConnection::close);
    }
  }

  /** Ends what has no time left: idle connections, requests and grants. */
  void expire(long now) {
    cutEnded();
    connections.forEach(connection -> connection.expire(now));
    pool.expire();
  }

  void close() {
    connections.forEach(AppConnection::close);
    pool.dropAll();
  }
}
