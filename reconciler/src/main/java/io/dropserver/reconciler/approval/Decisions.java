package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.sandbox.egress.UrlPattern;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.Instance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a revision says about requests, by the policy that the gateway goes by. */
final class Decisions {
  private final Map<String, EgressPolicy> policies = new HashMap<>();

  Decisions(Instance instance) {
    Map<String, List<EgressWhitelist>> byAppspace = new HashMap<>();
    for (EgressWhitelist whitelist : instance.whitelists().values()) {
      byAppspace.computeIfAbsent(whitelist.appspace(), a -> new ArrayList<>()).add(whitelist);
    }
    byAppspace.forEach((name, lists) -> policies.put(name, EgressPolicy.of(lists)));
  }

  /**
   * A destination counts as decided as soon as a part of it is: whoever narrowed an entry to a path
   * or to GET has seen the rest and said no to it. Only what is allowed beyond the last decision is
   * a new one.
   */
  ApprovalRequest judge(ApprovalRequest request) {
    EgressPolicy policy = policies.getOrDefault(request.appspace(), EgressPolicy.NOTHING);
    Destination destination = Destination.parse(request.url());
    boolean denied =
        policy.denials().stream()
            .anyMatch(
                denial ->
                    denial.pattern().path().equals("/")
                        && isAt(denial.pattern(), destination)
                        && (denial.methods().isEmpty()
                            || denial.methods().containsAll(request.methods())));
    SortedSet<String> allowed = new TreeSet<>();
    policy.grants().stream()
        .filter(grant -> isAt(grant.pattern(), destination))
        .forEach(grant -> allowed.addAll(grant.methods()));
    if (denied) {
      return request.state() == State.DENIED ? request : request.decided(State.DENIED, allowed);
    }
    return request.granted().containsAll(allowed)
        ? request
        : request.decided(State.GRANTED, allowed);
  }

  private static boolean isAt(UrlPattern pattern, Destination destination) {
    return pattern.scheme() == destination.scheme()
        && pattern.couldMatch(destination.host(), destination.port());
  }
}
