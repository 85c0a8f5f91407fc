package io.dropserver.sandbox.egress;

import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.Allow;
import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.EgressWhitelist.AllowUrl;
import io.dropserver.schema.instance.EgressWhitelist.Rule;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What one appspace may reach: its whitelists, united. A denial wins over every grant. Immutable;
 * Deno's layer and the gateway ask the same value, so that they cannot disagree.
 *
 * @param appspaces names of the appspaces that may be reached through the front door
 */
public record EgressPolicy(List<Grant> grants, List<Denial> denials, SortedSet<String> appspaces) {

  /** All that a whitelist can name. */
  public static final SortedSet<String> METHODS =
      Collections.unmodifiableSortedSet(
          new TreeSet<>(Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")));

  /** Nothing but its own data: what an appspace without a whitelist has. */
  public static final EgressPolicy NOTHING =
      new EgressPolicy(List.of(), List.of(), Collections.emptySortedSet());

  /**
   * @param methods upper case
   * @param headers added by the gateway, secrets not yet filled in
   */
  public record Grant(UrlPattern pattern, Set<String> methods, SortedMap<String, String> headers) {
    /** {@code ${secret:NAME}}, the name as its only group. */
    public static final Pattern SECRET = Pattern.compile("\\$\\{secret:([A-Za-z0-9_-]{1,64})}");

    /** Of the secrets that its headers hold. */
    public SortedSet<String> secretNames() {
      SortedSet<String> names = new TreeSet<>();
      headers
          .values()
          .forEach(
              value -> SECRET.matcher(value).results().forEach(found -> names.add(found.group(1))));
      return names;
    }
  }

  /** A remembered no; of every method where none is named, or all that can be. */
  public record Denial(UrlPattern pattern, Set<String> methods) {
    boolean ofEveryMethod() {
      return methods.isEmpty() || methods.containsAll(METHODS);
    }
  }

  /** What the policy says of one request. */
  public sealed interface Decision {}

  public record Granted(Grant grant) implements Decision {}

  /** A person said no. */
  public record Refused(Denial denial) implements Decision {}

  /** Nobody has decided; may be asked for. */
  public record Undecided() implements Decision {}

  /**
   * @throws DestinationException when a URL is not one; whitelists are checked when they are read
   */
  public static EgressPolicy of(Collection<EgressWhitelist> whitelists) {
    List<Grant> grants = new ArrayList<>();
    List<Denial> denials = new ArrayList<>();
    SortedSet<String> appspaces = new TreeSet<>();
    for (EgressWhitelist whitelist : whitelists) {
      for (Allow allow : whitelist.allow()) {
        switch (allow) {
          case AllowUrl url ->
              grants.add(
                  new Grant(
                      UrlPattern.parse(url.rule().url()), url.rule().methods(), url.headers()));
          case AllowAppspace other -> appspaces.add(other.appspace());
        }
      }
      for (Rule rule : whitelist.deny()) {
        denials.add(new Denial(UrlPattern.parse(rule.url()), rule.methods()));
      }
    }
    return new EgressPolicy(
        List.copyOf(grants), List.copyOf(denials), Collections.unmodifiableSortedSet(appspaces));
  }

  public Decision decide(Destination destination, String method) {
    for (Denial denial : denials) {
      if (denial.pattern().couldMean(destination)
          && (denial.ofEveryMethod() || denial.methods().contains(method))) {
        return new Refused(denial);
      }
    }
    for (Grant grant : grants) {
      if (grant.pattern().matches(destination) && grant.methods().contains(method)) {
        return new Granted(grant);
      }
    }
    return new Undecided();
  }

  /**
   * What is known of every request to a scheme, host and port before the first is seen: refused, or
   * that some request is granted, or that none is.
   */
  public Decision decideOrigin(Destination origin) {
    for (Denial denial : denials) {
      boolean whole = denial.ofEveryMethod() && denial.pattern().path().equals("/");
      if (whole && denial.pattern().couldMean(origin)) {
        return new Refused(denial);
      }
    }
    for (Grant grant : grants) {
      if (grant.pattern().scheme() == origin.scheme()
          && grant.pattern().couldMatch(origin.host(), origin.port())) {
        return new Granted(grant);
      }
    }
    return new Undecided();
  }

  /**
   * A denial that covers every URL of a host and port that any grant could allow, so that Deno's
   * layer, which knows no more of a request, can refuse it before anything is sent.
   */
  public Optional<Denial> refusesWholly(Host host, int port) {
    return denials.stream()
        .filter(denial -> denial.ofEveryMethod() && denial.pattern().path().equals("/"))
        .filter(denial -> denial.pattern().couldMatch(host, port))
        .filter(denial -> !isGrantedByAnotherScheme(denial, host, port))
        .findFirst();
  }

  /** Such as {@code http:} on a port where {@code https:} is denied. */
  private boolean isGrantedByAnotherScheme(Denial denial, Host host, int port) {
    return grants.stream()
        .map(Grant::pattern)
        .anyMatch(
            grant -> grant.scheme() != denial.pattern().scheme() && grant.couldMatch(host, port));
  }
}
