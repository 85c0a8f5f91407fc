package io.dropserver.web.dashboard;

import io.dropserver.control.ObjectStatus;
import io.dropserver.state.site.Person;
import java.util.Optional;

/**
 * Decides what a person may see. Admins see every object and its resource usage. Only an appspace's
 * owner sees its log and the whole URLs of its egress requests.
 */
public record DashboardAccess(Person person, DashboardData details) {
  private static final String APPSPACE = "Appspace";
  private static final String WHITELIST = "EgressWhitelist";

  /** Returns whether the person may open the dashboard. */
  boolean hasDashboard() {
    return person.admin() || person.owner();
  }

  /**
   * Returns whether the person may see the conditions, usage, egress requests and backups of a
   * declared appspace.
   */
  boolean canView(String appspace) {
    return details.owner(appspace).filter(who -> person.admin() || owns(who)).isPresent();
  }

  /** Returns whether the person may see the app's log and the paths of its egress requests. */
  boolean canViewInside(String appspace) {
    return details.owner(appspace).filter(this::owns).isPresent();
  }

  /**
   * Returns whether the person may decide the approvals of the appspaces that the person may {@link
   * #canView view}. False without write access to the repository.
   */
  public boolean canDecide() {
    return details.canCommit() && isDecider();
  }

  /** Returns whether the person could decide if the server had write access to the repository. */
  public boolean lacksWriteAccess() {
    return !details.canCommit() && isDecider();
  }

  private boolean isDecider() {
    return switch (details.deciders()) {
      case NONE -> false;
      case ADMINS -> person.admin();
      case ADMINS_AND_OWNERS -> hasDashboard();
    };
  }

  private boolean owns(String owner) {
    return owner.equals(person.name());
  }

  boolean canViewObject(ObjectStatus object) {
    return canViewObject(object.kind(), object.name());
  }

  boolean canViewObject(String kind, String name) {
    return person.admin() || appspace(kind, name).filter(this::canView).isPresent();
  }

  private Optional<String> appspace(String kind, String name) {
    return switch (kind) {
      case APPSPACE -> Optional.of(name);
      case WHITELIST -> details.appspaceOf(name);
      default -> Optional.empty();
    };
  }
}
