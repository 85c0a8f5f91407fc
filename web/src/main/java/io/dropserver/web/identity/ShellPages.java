package io.dropserver.web.identity;

import java.io.IOException;
import java.util.Optional;

/**
 * Serves the shell's pages for which the front door has no handler, such as the dashboard.
 * Implementations are thread-safe.
 */
@FunctionalInterface
public interface ShellPages {

  /**
   * Handles a request.
   *
   * @param visitor the person who is logged in; empty without a log-in
   * @return false when the request is for something else
   */
  boolean handle(ShellRequest shellRequest, Optional<Visitor> visitor) throws IOException;
}
