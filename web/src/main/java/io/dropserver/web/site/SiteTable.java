package io.dropserver.web.site;

import java.util.Map;

/**
 * Every host of one moment; immutable, swapped as a whole.
 *
 * @param domain the shell's host name
 * @param sites by full host name
 */
public record SiteTable(String domain, Map<String, Site> sites) {
  public SiteTable {
    sites = Map.copyOf(sites);
  }
}
