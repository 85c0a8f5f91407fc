package io.dropserver.reconciler.approval;

import io.dropserver.egress.Destination;
import io.dropserver.egress.EgressPolicy;
import io.dropserver.egress.UrlPattern;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.schema.instance.BrowserPermissions;
import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Location;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Finds decisions about requests in a revision, according to the same policy as the egress gateway
 * at one time.
 */
final class GitDecisions {
  private final Instance instance;
  private final Map<String, EgressPolicy> policies = new HashMap<>();

  /** The policies with the grants that have ended, for the appspaces that have such grants. */
  private final Map<String, EgressPolicy> declared = new HashMap<>();

  private final Map<String, BrowserPermissions> browsers = new HashMap<>();

  /**
   * @param now grants that ended before decide nothing
   */
  GitDecisions(Instance instance, Instant now) {
    this.instance = instance;
    instance.whitelists().values().stream()
        .collect(Collectors.groupingBy(EgressWhitelist::appspace))
        .forEach(
            (name, lists) -> {
              EgressPolicy policy = EgressPolicy.of(lists);
              policies.put(name, policy.at(now));
              browsers.put(name, BrowserPermissions.of(lists, now));
              if (!policies.get(name).equals(policy)) {
                declared.put(name, policy);
              }
            });
  }

  /**
   * Returns the request with the decision that the revision contains. A destination counts as
   * allowed if a part of it is allowed: a reviewer who narrowed an entry to a path or to GET has
   * denied the rest. An entry for other methods than the requested ones decides nothing. It counts
   * as denied if an entry denies the whole origin for all requested methods. An earlier decision
   * changes only if the revision denies the destination or allows methods that were not granted
   * before.
   */
  ApprovalRequest apply(ApprovalRequest request) {
    if (request.isSuggestion()) {
      return request.undecided() && open(request).isEmpty() ? markDecided(request) : request;
    }
    EgressPolicy policy = policies.getOrDefault(request.appspace(), EgressPolicy.NOTHING);
    Destination destination = Destination.parse(request.url());
    boolean denied =
        policy.denials().stream()
            .anyMatch(denial -> denies(denial.pattern(), denial.methods(), destination, request));
    SortedSet<String> allowed = new TreeSet<>();
    policy.grants().stream()
        .filter(grant -> isAt(grant.pattern(), destination))
        .forEach(grant -> allowed.addAll(grant.methods()));
    if (request.state() == State.GRANTED && hasEnded(request, destination, allowed)) {
      return request.ended(allowed);
    }
    if (denied) {
      return request.state() == State.DENIED ? request : request.decided(State.DENIED, allowed);
    }
    boolean other = request.undecided() && Collections.disjoint(allowed, request.methods());
    return other || request.granted().containsAll(allowed)
        ? request
        : request.decided(State.GRANTED, allowed);
  }

  /** Returns whether an entry denies the whole origin for all requested methods. */
  private static boolean denies(
      UrlPattern pattern, Set<String> methods, Destination destination, ApprovalRequest request) {
    return pattern.path().equals("/")
        && isAt(pattern, destination)
        && (methods.isEmpty() || methods.containsAll(request.methods()));
  }

  /**
   * Returns the first entry under {@code deny} because of which a request is not presented again;
   * empty if no entry denies the request.
   */
  Optional<Location> denial(ApprovalRequest request) {
    List<WhitelistRule> rules = WhitelistEdit.rules(instance, request.appspace(), ListName.DENY);
    Predicate<WhitelistRule> denies =
        request.isSuggestion()
            ? rule -> request.suggested().stream().anyMatch(line -> concerns(rule, line))
            : rule ->
                WhitelistEntry.featureOf(rule.url()).isEmpty()
                    && denies(
                        UrlPattern.parse(rule.url()),
                        rule.methods(),
                        Destination.parse(request.url()),
                        request);
    return request.isSuggestion() && !open(request).isEmpty()
        ? Optional.empty()
        : rules.stream().filter(denies).map(WhitelistRule::location).findFirst();
  }

  private static boolean concerns(WhitelistRule denial, WhitelistEntry line) {
    boolean feature =
        WhitelistEntry.featureOf(denial.url()).isPresent() || line.browserFeature().isPresent();
    return feature
        ? denial.url().equals(line.url())
        : decides(UrlPattern.parse(denial.url()), UrlPattern.parse(line.url()));
  }

  /** Returns whether a method that was granted is not allowed any more, because its grant ended. */
  private boolean hasEnded(
      ApprovalRequest request, Destination destination, SortedSet<String> allowed) {
    EgressPolicy all = declared.getOrDefault(request.appspace(), EgressPolicy.NOTHING);
    return all.grants().stream()
        .filter(grant -> isAt(grant.pattern(), destination))
        .flatMap(grant -> grant.methods().stream())
        .anyMatch(method -> request.granted().contains(method) && !allowed.contains(method));
  }

  /**
   * Returns the entries of a suggestion that are undecided because a grant for them ended. The app
   * requests them one by one from now on.
   */
  List<WhitelistEntry> ended(ApprovalRequest suggestion) {
    EgressPolicy all = declared.getOrDefault(suggestion.appspace(), EgressPolicy.NOTHING);
    return open(suggestion).stream()
        .filter(line -> line.browserFeature().isEmpty())
        .filter(
            line -> {
              UrlPattern wanted = UrlPattern.parse(line.url());
              return all.grants().stream().anyMatch(grant -> decides(grant.pattern(), wanted));
            })
        .toList();
  }

  /** Returns the entries of a suggestion that Git neither allows nor denies, not even partly. */
  List<WhitelistEntry> open(ApprovalRequest suggestion) {
    return suggestion.suggested().stream()
        .filter(line -> !isDecided(suggestion.appspace(), line))
        .toList();
  }

  private boolean isDecided(String appspace, WhitelistEntry line) {
    if (line.browserFeature().isPresent()) {
      return browser(appspace).decides(line.browserFeature().get());
    }
    EgressPolicy policy = policies.getOrDefault(appspace, EgressPolicy.NOTHING);
    UrlPattern wanted = UrlPattern.parse(line.url());
    return policy.grants().stream().anyMatch(grant -> decides(grant.pattern(), wanted))
        || policy.denials().stream().anyMatch(denial -> decides(denial.pattern(), wanted));
  }

  private BrowserPermissions browser(String appspace) {
    return browsers.getOrDefault(appspace, BrowserPermissions.STRICT);
  }

  /** Returns a suggestion as decided. Entries that the reviewer removed count as denied. */
  ApprovalRequest markDecided(ApprovalRequest suggestion) {
    EgressPolicy policy = policies.getOrDefault(suggestion.appspace(), EgressPolicy.NOTHING);
    boolean granted = false;
    SortedSet<String> allowed = new TreeSet<>();
    for (WhitelistEntry line : suggestion.suggested()) {
      if (line.browserFeature().isPresent()) {
        granted |= browser(suggestion.appspace()).grants(line.browserFeature().get());
        continue;
      }
      UrlPattern wanted = UrlPattern.parse(line.url());
      policy.grants().stream()
          .filter(grant -> decides(grant.pattern(), wanted))
          .forEach(grant -> allowed.addAll(grant.methods()));
    }
    return suggestion.decided(
        granted || !allowed.isEmpty() ? State.GRANTED : State.DENIED, allowed);
  }

  private static boolean decides(UrlPattern given, UrlPattern wanted) {
    return given.scheme() == wanted.scheme()
        && (wanted.subdomains()
            ? given.subdomains()
                && given.port() == wanted.port()
                && given.host().equals(wanted.host())
            : given.couldMatch(wanted.host(), wanted.port()));
  }

  /** Returns whether the pattern is for the scheme, host and port of the destination. */
  static boolean isAt(UrlPattern pattern, Destination destination) {
    return pattern.scheme() == destination.scheme()
        && pattern.couldMatch(destination.host(), destination.port());
  }
}
