package io.dropserver.egress;

import io.dropserver.schema.instance.EgressWhitelist;
import io.dropserver.schema.instance.EgressWhitelist.AllowAppspace;
import io.dropserver.schema.instance.EgressWhitelist.AllowEntry;
import io.dropserver.schema.instance.EgressWhitelist.AllowUrl;
import io.dropserver.schema.instance.EgressWhitelist.WhitelistRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The destinations that one appspace may reach: the union of its whitelists. A denial overrides
 * every grant. Immutable; Deno's layer and the gateway use the same value, so they cannot disagree.
 *
 * <p>A policy decides as if no grant ended. {@link #at} returns the policy of a time.
 *
 * @param appspaces names of the appspaces that may be reached through the reverse proxy
 * @param appspaceEnds when the grants of appspaces end, for those that do
 */
public record EgressPolicy(
    List<Grant> grants,
    List<Denial> denials,
    SortedSet<String> appspaces,
    SortedMap<String, Instant> appspaceEnds) {

  /** Creates a policy whose grants of appspaces do not end. */
  public EgressPolicy(List<Grant> grants, List<Denial> denials, SortedSet<String> appspaces) {
    this(grants, denials, appspaces, Collections.emptySortedMap());
  }

  /** All methods that a whitelist can name. */
  public static final SortedSet<String> METHODS =
      Collections.unmodifiableSortedSet(
          new TreeSet<>(Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")));

  /** The policy of an appspace without a whitelist: no network destinations. */
  public static final EgressPolicy NOTHING =
      new EgressPolicy(List.of(), List.of(), Collections.emptySortedSet());

  /**
   * @param methods upper case
   * @param headers added by the gateway; secret placeholders are not replaced yet
   * @param ends the first instant at which the grant no longer applies; empty if it does not end
   */
  public record Grant(
      UrlPattern pattern,
      Set<String> methods,
      SortedMap<String, String> headers,
      Optional<Instant> ends) {
    /** Matches {@code ${secret:NAME}}. The only group is the name. */
    public static final Pattern SECRET = Pattern.compile("\\$\\{secret:([A-Za-z0-9_-]{1,64})}");

    /** Creates a grant that does not end. */
    public Grant(UrlPattern pattern, Set<String> methods, SortedMap<String, String> headers) {
      this(pattern, methods, headers, Optional.empty());
    }

    /** Returns the names of the secrets in the headers. */
    public SortedSet<String> secretNames() {
      SortedSet<String> names = new TreeSet<>();
      headers
          .values()
          .forEach(
              value -> SECRET.matcher(value).results().forEach(found -> names.add(found.group(1))));
      return names;
    }
  }

  /** A recorded denial. It applies to every method if it names none or all of them. */
  public record Denial(UrlPattern pattern, Set<String> methods) {
    boolean coversAllMethods() {
      return methods.isEmpty() || methods.containsAll(METHODS);
    }
  }

  /** The decision of the policy for one request. */
  public sealed interface Decision {}

  public record Granted(Grant grant) implements Decision {}

  /** An admin denied the destination. */
  public record Refused(Denial denial) implements Decision {}

  /** No rule applies; the app may request approval. */
  public record Undecided() implements Decision {}

  /**
   * Merges the whitelists of one appspace.
   *
   * @throws DestinationException for an invalid URL; whitelists are already validated when they are
   *     read
   */
  public static EgressPolicy of(Collection<EgressWhitelist> whitelists) {
    List<Grant> grants = new ArrayList<>();
    List<Denial> denials = new ArrayList<>();
    SortedSet<String> appspaces = new TreeSet<>();
    SortedMap<String, Instant> ends = new TreeMap<>();
    for (EgressWhitelist whitelist : whitelists) {
      for (AllowEntry allowEntry : whitelist.allow()) {
        switch (allowEntry) {
          case AllowUrl url ->
              grants.add(
                  new Grant(
                      UrlPattern.parse(url.rule().url()),
                      url.rule().methods(),
                      url.headers(),
                      url.rule().expires()));
          case AllowAppspace other -> {
            appspaces.add(other.appspace());
            // If several entries name an appspace, the last end counts.
            ends.merge(
                other.appspace(),
                other.expires().orElse(Instant.MAX),
                (first, second) -> first.isAfter(second) ? first : second);
          }
        }
      }
      for (WhitelistRule whitelistRule : whitelist.deny()) {
        denials.add(new Denial(UrlPattern.parse(whitelistRule.url()), whitelistRule.methods()));
      }
    }
    ends.values().removeIf(Instant.MAX::equals);
    return new EgressPolicy(
        List.copyOf(grants),
        List.copyOf(denials),
        Collections.unmodifiableSortedSet(appspaces),
        Collections.unmodifiableSortedMap(ends));
  }

  /** Returns the first end of a grant after a time. */
  public Optional<Instant> nextEnd(Instant now) {
    return Stream.concat(
            grants.stream().flatMap(grant -> grant.ends().stream()), appspaceEnds.values().stream())
        .filter(end -> end.isAfter(now))
        .min(Instant::compareTo);
  }

  /** Returns the policy without the grants that have ended at a time. */
  public EgressPolicy at(Instant now) {
    SortedSet<String> reachable = new TreeSet<>(appspaces);
    appspaceEnds.forEach(
        (name, end) -> {
          if (!end.isAfter(now)) {
            reachable.remove(name);
          }
        });
    return new EgressPolicy(
        grants.stream()
            .filter(grant -> grant.ends().filter(end -> !end.isAfter(now)).isEmpty())
            .toList(),
        denials,
        Collections.unmodifiableSortedSet(reachable),
        appspaceEnds);
  }

  public Decision decide(Destination destination, String method) {
    for (Denial denial : denials) {
      if (denial.pattern().matchesAnyReading(destination)
          && (denial.coversAllMethods() || denial.methods().contains(method))) {
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
   * Decides whether a connection to a scheme, host and port may be opened before its first request
   * is known. {@link Refused} if a denial covers all requests, {@link Granted} if a grant covers
   * some request, otherwise {@link Undecided}.
   */
  public Decision decideOrigin(Destination origin) {
    for (Denial denial : denials) {
      boolean whole = denial.coversAllMethods() && denial.pattern().path().equals("/");
      if (whole && denial.pattern().matchesAnyReading(origin)) {
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
}
