package io.dropserver.web.identity;

import io.dropserver.web.page.Chrome;

/**
 * Somebody who is logged in.
 *
 * @param session that proved it
 * @param person as the revision in service declares them
 */
public record Visitor(Session session, Person person) {

  /** For the menu of a page. */
  public Chrome.Viewer viewer() {
    return new Chrome.Viewer(person.name(), person.displayName());
  }
}
