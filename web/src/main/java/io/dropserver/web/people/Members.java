package io.dropserver.web.people;

import io.dropserver.state.site.Person;
import io.dropserver.state.site.Site;
import io.dropserver.state.site.SiteTable;
import io.dropserver.web.home.Monogram;
import io.dropserver.web.identity.Identity;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The members of each appspace, in the table that the front door serves. Thread-safe. */
public final class Members {
  /** The maximum number of members that one answer lists. */
  static final int MAX_LISTED = 500;

  private final Identity identity;
  private volatile Map<String, Site> sites = Map.of();
  private volatile boolean published;

  public Members(Identity identity) {
    this.identity = identity;
  }

  /**
   * A member, as an app sees members. The components are the JSON names of the API.
   *
   * @param id the opaque id that the identity headers contain: different in every appspace
   * @param avatar an image as a {@code data:} URL
   * @param permissions sorted
   */
  record Member(String id, String name, String avatar, boolean owner, Set<String> permissions) {}

  /** Replaces the table. Call this after the front door received it. */
  public void publish(SiteTable table) {
    sites =
        table.sites().values().stream()
            .collect(
                Collectors.toUnmodifiableMap(Site::appspace, site -> site, (first, _) -> first));
    published = !table.domain().isEmpty();
  }

  /** Returns whether a table with a domain was published. */
  boolean arePublished() {
    return published;
  }

  /** Returns the site of an appspace; empty if it is not declared. */
  Optional<Site> site(String appspace) {
    return Optional.ofNullable(sites.get(appspace));
  }

  /** Returns the site of the appspace with an identity; empty if it is not declared. */
  Optional<Site> ofIdentity(String identity) {
    return sites.values().stream().filter(site -> site.identity().equals(identity)).findFirst();
  }

  /** Returns whether a user of the instance has this name. */
  boolean isUser(String name) {
    return identity.person(name).isPresent();
  }

  /** Returns the names of the declared appspaces. */
  Set<String> appspaces() {
    return sites.keySet();
  }

  /**
   * Returns the members of an appspace who are users of the instance, the owner first and then by
   * name: at most {@link #MAX_LISTED}.
   */
  List<Member> of(Site site) {
    return site.members().keySet().stream()
        .flatMap(user -> identity.person(user).stream())
        .sorted(
            Comparator.comparing((Person person) -> !person.name().equals(site.owner()))
                .thenComparing(Person::displayName)
                .thenComparing(Person::name))
        .limit(MAX_LISTED)
        .map(person -> member(site, person))
        .toList();
  }

  private Member member(Site site, Person person) {
    return new Member(
        identity.userId(site.appspace(), person.name()),
        person.displayName(),
        avatar(person.displayName()),
        person.name().equals(site.owner()),
        new TreeSet<>(site.members().getOrDefault(person.name(), Set.of())));
  }

  /**
   * Returns the user behind an id.
   *
   * @param id as an app wrote it
   * @return empty if no member of this appspace has the id, for example if it is an id of another
   *     appspace
   */
  Optional<Person> find(Site site, String id) {
    return site.members().keySet().stream()
        .filter(user -> identity.userId(site.appspace(), user).equals(id))
        .findFirst()
        .flatMap(identity::person);
  }

  private static String avatar(String displayName) {
    return "data:image/svg+xml;base64,"
        + Base64.getEncoder().encodeToString(Monogram.of(displayName));
  }
}
