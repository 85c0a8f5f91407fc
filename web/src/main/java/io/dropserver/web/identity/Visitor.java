package io.dropserver.web.identity;

import io.dropserver.control.AuditSource;
import io.dropserver.state.site.Person;
import io.dropserver.web.page.PageLayout;
import java.time.Duration;
import java.time.Instant;

/**
 * A person who is logged in.
 *
 * @param session the session of the request
 * @param person the person's declaration in the served revision
 */
public record Visitor(Session session, Person person) {

  /**
   * Returns whether the person logged in recently enough to manage users or decide approval
   * requests. An unattended browser or a stolen session must not suffice, nor a log-in at a later
   * date, after the date was set back.
   */
  public boolean isFresh(Instant now) {
    Duration age = Duration.between(session.authenticated(), now);
    return age.abs().compareTo(AccountPages.REAUTHENTICATION_WINDOW) < 0;
  }

  /** Returns the actor in records of what this visitor does. */
  public AuditSource auditSource(ShellRequest shellRequest) {
    return AuditSource.user(person.name(), shellRequest.client());
  }

  /** Returns the data with which the menu of a page shows the person. */
  public PageLayout.Viewer viewer() {
    return new PageLayout.Viewer(
        person.name(), person.displayName(), person.admin() || person.owner());
  }
}
