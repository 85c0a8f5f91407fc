package io.dropserver.web.dashboard;

import io.dropserver.web.home.AppspaceState;
import java.util.List;

/**
 * The card of an appspace on the overview.
 *
 * @param message why the appspace is not ready; otherwise empty
 */
public record AppspaceCard(
    String name,
    String icon,
    String owner,
    AppspaceState state,
    String message,
    List<Graph> graphs) {

  /**
   * Returns whether there are measurements, because the appspace ran or received requests recently.
   */
  public boolean measured() {
    return graphs.stream().anyMatch(Graph::measured);
  }
}
