package io.dropserver.web.identity;

import io.dropserver.web.page.Chrome;
import java.time.Instant;

/**
 * Somebody who is logged in.
 *
 * @param session that proved it
 * @param person as the revision in service declares them
 */
public record Visitor(Session session, Person person) {

  /**
   * Whether they logged in so lately that they may change how somebody logs in: a browser that was
   * left open, or a session that was stolen, is not enough for that.
   */
  public boolean isFresh(Instant now) {
    return now.isBefore(session.created().plus(AccountPages.FRESH));
  }

  /** For the menu of a page. */
  public Chrome.Viewer viewer() {
    return new Chrome.Viewer(person.name(), person.displayName(), person.admin() || person.owner());
  }
}
