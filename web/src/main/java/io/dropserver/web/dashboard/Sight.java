package io.dropserver.web.dashboard;

import io.dropserver.schema.status.Event;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.web.identity.Person;
import java.util.Optional;

/**
 * What a person may see. Admins see every object and its resource usage; owners see their appspaces
 * and everything inside. An admin sees no more of the inside of another person's appspace than its
 * members allow.
 */
record Sight(Person person, Details details) {
  private static final String APPSPACE = "Appspace";
  private static final String WHITELIST = "EgressWhitelist";

  /** Whether the person may see the dashboard at all. */
  boolean any() {
    return person.admin() || person.owner();
  }

  /**
   * Whether the person may see the conditions, usage, egress requests and backups of a declared
   * appspace.
   */
  boolean outside(String appspace) {
    return details.owner(appspace).filter(who -> person.admin() || isMine(who)).isPresent();
  }

  /** Whether the person may see the app's log and the paths that it requests. */
  boolean inside(String appspace) {
    return details.owner(appspace).filter(this::isMine).isPresent();
  }

  private boolean isMine(String owner) {
    return owner.equals(person.name());
  }

  boolean object(ObjectStatus object) {
    return object(object.kind(), object.name());
  }

  boolean event(Event event) {
    return object(event.kind(), event.name());
  }

  boolean object(String kind, String name) {
    return person.admin() || appspace(kind, name).filter(this::outside).isPresent();
  }

  private Optional<String> appspace(String kind, String name) {
    return switch (kind) {
      case APPSPACE -> Optional.of(name);
      case WHITELIST -> details.appspaceOf(name);
      default -> Optional.empty();
    };
  }
}
