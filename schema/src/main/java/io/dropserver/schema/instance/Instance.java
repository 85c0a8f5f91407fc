package io.dropserver.schema.instance;

import java.util.Optional;
import java.util.SortedMap;

/**
 * One revision of an instance repository, read and validated: all references resolve and all names
 * are unique. Immutable.
 *
 * @param settings the single document of kind Instance
 * @param users by name
 * @param groups by name
 * @param apps by name
 * @param appspaces by name
 * @param whitelists by the name of the whitelist document, which is not that of the appspace
 * @param secrets encrypted secrets, by the name of the document
 * @param labels of all these objects
 */
public record Instance(
    InstanceSettings settings,
    SortedMap<String, User> users,
    SortedMap<String, Group> groups,
    SortedMap<String, App> apps,
    SortedMap<String, Appspace> appspaces,
    SortedMap<String, EgressWhitelist> whitelists,
    SortedMap<String, Secret> secrets,
    Labels labels) {

  public Optional<Appspace> appspace(String name) {
    return Optional.ofNullable(appspaces.get(name));
  }
}
