package io.dropserver.web.page;

import java.util.List;
import java.util.Optional;

/**
 * The frame around the content of a page, which {@code layout.jte} renders.
 *
 * @param title one line of plain text
 * @param viewer the person who is logged in; without one there is no menu
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
   * @param name of the user in the repository
   * @param displayName plain text
   * @param dashboard whether the person may see the dashboard
   */
  public record Viewer(String name, String displayName, boolean dashboard) {}

  /** The part of the menu that a page belongs to. */
  public enum Section {
    HOME,
    DASHBOARD,
    ACCOUNT,
    APPSPACE,
    OTHER
  }
}
