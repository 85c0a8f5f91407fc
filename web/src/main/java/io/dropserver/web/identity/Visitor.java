package io.dropserver.web.identity;

import io.dropserver.schema.site.Person;
import io.dropserver.web.page.PageLayout;
import java.time.Instant;

/**
 * A person who is logged in.
 *
 * @param session in which the person is logged in
 * @param person as the served revision declares it
 */
public record Visitor(Session session, Person person) {

  /**
   * Whether the person logged in recently enough to change credentials or decide requests. A
   * browser that was left open, or a stolen session, is not enough for that.
   */
  public boolean isFresh(Instant now) {
    return now.isBefore(session.created().plus(AccountPages.REAUTHENTICATION_WINDOW));
  }

  /** The person as pages show it in the menu. */
  public PageLayout.Viewer viewer() {
    return new PageLayout.Viewer(
        person.name(), person.displayName(), person.admin() || person.owner());
  }
}
