package io.dropserver.egress.gateway;

import io.dropserver.egress.Destination;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.EgressPolicy.Grant;
import io.dropserver.egress.EgressPolicy.Granted;
import io.dropserver.egress.EgressPolicy.Refused;
import io.dropserver.egress.EgressPolicy.Undecided;
import io.dropserver.egress.Host;
import io.dropserver.egress.UrlPattern;
import java.time.InstantSource;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Decides about connections and requests of one appspace, and submits undecided requests for
 * approval. Thread-safe.
 *
 * @param policy supplies the policy of this instant
 */
record EgressAuthorizer(
    String appspace,
    Supplier<EgressPolicy> policy,
    AddressGuard addressGuard,
    PeerAppspaces peerAppspaces,
    EgressApprovals approvals,
    InstantSource clock) {
  /** Returns whether a request in progress may continue. */
  boolean stillAllows(Destination destination, String method) {
    return HostApi.isAt(destination) || decide(destination, method) instanceof Granted;
  }

  /**
   * Decides a request. A denial of a URL overrides the grant of the appspace that serves the URL.
   */
  private EgressPolicy.Decision decide(Destination destination, String method) {
    EgressPolicy current = policy.get();
    EgressPolicy.Decision decision = current.decide(destination, method);
    boolean known = EgressPolicy.METHODS.contains(method);
    return known && !(decision instanceof Refused) && isGrantedSibling(destination, current)
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
    EgressPolicy current = policy.get();
    switch (current.decideOrigin(origin)) {
      case Granted granted -> {}
      case Refused refused -> throw new RefusedException(Refusal.decided());
      case Undecided undecided -> {
        if (isGrantedSibling(origin, current)) {
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
    Optional<Refusal> never = addressGuard.refusal(destination);
    if (never.isPresent() && !isGrantedSibling(destination, policy.get())) {
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
}
