package io.dropserver.web.page;

import java.util.List;
import java.util.Optional;

/**
 * The parameters of {@code layout.jte}, which renders the header and the menu around a page's
 * content.
 *
 * @param title one line of plain text
 * @param viewer the person who is logged in; empty for a page without a menu
 * @param scripts names of {@link Assets} that the page loads as modules
 */
public record PageLayout(
    String title, Optional<Viewer> viewer, Section section, List<String> scripts) {

  public static PageLayout of(String title, Optional<Viewer> viewer, Section section) {
    return new PageLayout(title, viewer, section, List.of());
  }

  public PageLayout withScripts(String... names) {
    return new PageLayout(title, viewer, section, List.of(names));
  }

  /**
   * A person who is logged in.
   *
   * @param name the user's name in the repository
   * @param displayName the name for people, as plain text
   * @param dashboard whether the person may see the dashboard
   */
  public record Viewer(String name, String displayName, boolean dashboard) {}

  /** The menu item that is marked as current. */
  public enum Section {
    HOME,
    DASHBOARD,
    ACCOUNT,
    APPSPACE,
    OTHER
  }
}
