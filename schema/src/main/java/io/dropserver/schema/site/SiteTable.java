package io.dropserver.schema.site;

import java.util.Map;

/**
 * The routing table of the front door. Immutable; a change replaces the whole table.
 *
 * @param domain the shell's host name
 * @param sites by full host name
 * @param people users who may log in, by name
 */
public record SiteTable(String domain, Map<String, Site> sites, Map<String, Person> people) {
  public SiteTable {
    sites = Map.copyOf(sites);
    people = Map.copyOf(people);
  }
}
