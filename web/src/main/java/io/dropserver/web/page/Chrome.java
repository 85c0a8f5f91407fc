package io.dropserver.web.page;

import java.util.List;
import java.util.Optional;

/**
 * What surrounds the content of a page; {@code layout.jte} draws it.
 *
 * @param title one line, plain text
 * @param viewer who is logged in; without one there is no menu
 * @param scripts names of {@link Assets} that the page loads as modules
 */
public record Chrome(String title, Optional<Viewer> viewer, Section section, List<String> scripts) {

  public static Chrome of(String title, Optional<Viewer> viewer, Section section) {
    return new Chrome(title, viewer, section, List.of());
  }

  public Chrome withScripts(String... names) {
    return new Chrome(title, viewer, section, List.of(names));
  }

  /**
   * @param name of the user in the repository
   * @param displayName plain text
   * @param dashboard whether there is one for them
   */
  public record Viewer(String name, String displayName, boolean dashboard) {}

  /** Which part of the menu a page belongs to. */
  public enum Section {
    HOME,
    DASHBOARD,
    ACCOUNT,
    APPSPACE,
    OTHER
  }
}
