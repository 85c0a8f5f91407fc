package io.dropserver.state.site;

import io.dropserver.schema.instance.Group;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The routing table of the front door. Immutable; a change replaces the whole table.
 *
 * @param domain the shell's host name
 * @param sites by full host name
 * @param people users who may log in, by name
 * @param groups by name
 */
public record SiteTable(
    String domain, Map<String, Site> sites, Map<String, Person> people, Map<String, Group> groups) {
  public SiteTable {
    sites = Map.copyOf(sites);
    people = Map.copyOf(people);
    groups = Map.copyOf(groups);
  }

  /** Creates a table without groups. */
  public SiteTable(String domain, Map<String, Site> sites, Map<String, Person> people) {
    this(domain, sites, people, Map.of());
  }

  /**
   * Returns a table that also has each site at those of its custom hosts that are verified.
   *
   * @param verified hosts outside the domain that lead to this server
   */
  public SiteTable withCustomHosts(Set<String> verified) {
    Map<String, Site> all = new HashMap<>(sites);
    for (Site site : sites.values()) {
      for (String host : site.customHosts()) {
        if (verified.contains(host)) {
          all.putIfAbsent(host, site.atHost(host));
        }
      }
    }
    return new SiteTable(domain, all, people, groups);
  }

  /**
   * Returns a table in which the members of each site include those of its groups. A user who is a
   * member in several ways has all these permissions.
   *
   * @param claimed users whom claims add to groups, by the name of the group
   */
  public SiteTable withGroupMembers(Map<String, Set<String>> claimed) {
    Map<String, Set<String>> users = new HashMap<>();
    groups.forEach(
        (name, group) -> {
          Set<String> all = new TreeSet<>(claimed.getOrDefault(name, Set.of()));
          group.members().forEach(member -> all.add(member.user()));
          users.put(name, all);
        });
    Map<String, Site> resolved =
        sites.entrySet().stream()
            .collect(
                Collectors.toUnmodifiableMap(
                    Map.Entry::getKey, entry -> withGroupMembers(entry.getValue(), users)));
    return new SiteTable(domain, resolved, people, groups);
  }

  private static Site withGroupMembers(Site site, Map<String, Set<String>> users) {
    if (site.groups().isEmpty()) {
      return site;
    }
    Map<String, Set<String>> members = new HashMap<>(site.members());
    site.groups()
        .forEach(
            (group, permissions) ->
                users
                    .getOrDefault(group, Set.of())
                    .forEach(user -> members.merge(user, permissions, SiteTable::union)));
    return site.withMembers(members);
  }

  private static Set<String> union(Set<String> some, Set<String> others) {
    Set<String> all = new TreeSet<>(some);
    all.addAll(others);
    return all;
  }
}
