package io.dropserver.web.dashboard;

import io.dropserver.web.home.Standing;
import java.util.List;

/**
 * An appspace on the overview.
 *
 * @param message why it is not ready; else empty
 */
public record Card(
    String name, String icon, String owner, Standing standing, String message, List<Graph> graphs) {

  /** Whether it ran lately, or was asked to. */
  public boolean measured() {
    return graphs.stream().anyMatch(Graph::measured);
  }
}
