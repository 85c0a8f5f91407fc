package io.dropserver.egress.gateway;

import io.dropserver.base.budget.RelayScheduler;
import io.dropserver.base.budget.TokenBucket;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.schema.instance.Limits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The state of one appspace in the gateway: its policy, its usage, and its open connections.
 * Thread-safe.
 */
public final class EgressAccount {
  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private final String appspace;
  private final InstantSource clock;
  private final EgressAuthorizer authorizer;
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
    this.clock = gatewayDependencies.clock();
    this.authorizer =
        new EgressAuthorizer(
            appspace,
            this::policy,
            addressGuard,
            gatewayDependencies.siblings(),
            gatewayDependencies.approvals(),
            clock);
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
    PolicyInForce policyInForce = inForce;
    return clock.instant().isBefore(policyInForce.until())
        ? policyInForce.policy()
        : withoutEnded().policy();
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
    connections.forEach(connection -> connection.cutUnless(authorizer::stillAllows));
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

  /** Returns the decisions about this appspace's requests, by the policy of each instant. */
  EgressAuthorizer authorizer() {
    return authorizer;
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
