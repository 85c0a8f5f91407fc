package io.dropserver.schema.site;

import java.util.Map;

/**
 * All hosts at one time; immutable, and replaced as a whole.
 *
 * @param domain the shell's host name
 * @param sites by full host name
 * @param people who may log in, by user name
 */
public record SiteTable(String domain, Map<String, Site> sites, Map<String, Person> people) {
  public SiteTable {
    sites = Map.copyOf(sites);
    people = Map.copyOf(people);
  }
}
