package io.dropserver.web.dashboard;

import io.dropserver.web.home.AppspaceState;
import java.util.List;

/**
 * The data of an appspace's card on the overview. Equal instances render the same card.
 *
 * @param message why the appspace is not ready; empty if it is ready
 */
public record AppspaceCard(
    String name,
    String icon,
    String owner,
    AppspaceState state,
    String message,
    List<Graph> graphs) {

  /** Returns whether the graphs contain values: the appspace ran or received requests recently. */
  public boolean measured() {
    return graphs.stream().anyMatch(Graph::measured);
  }
}
