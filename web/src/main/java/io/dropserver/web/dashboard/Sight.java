package io.dropserver.web.dashboard;

import io.dropserver.schema.status.Event;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.web.identity.Person;
import java.util.Optional;

/**
 * What somebody may see: admins every object and what it uses, owners their appspaces and what is
 * in them. An admin sees no more of what is in another's appspace than its members let them.
 */
record Sight(Person person, Details details) {
  private static final String APPSPACE = "Appspace";
  private static final String WHITELIST = "EgressWhitelist";

  /** Whether there is a dashboard for them at all. */
  boolean any() {
    return person.admin() || person.owner();
  }

  /** Whether they see a declared appspace's conditions, use, requests and backups. */
  boolean outside(String appspace) {
    return details.owner(appspace).filter(who -> person.admin() || isMine(who)).isPresent();
  }

  /** Whether they see what its app prints, and the paths that it requests. */
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
