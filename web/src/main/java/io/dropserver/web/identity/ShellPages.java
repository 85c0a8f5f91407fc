package io.dropserver.web.identity;

import java.io.IOException;
import java.util.Optional;

/** Pages of the shell that another part serves. Thread-safe. */
@FunctionalInterface
public interface ShellPages {

  /**
   * Answers a request that is for them.
   *
   * @param visitor who sends it; empty for somebody who is not logged in
   * @return false when it is for something else
   */
  boolean handle(ShellRequest asked, Optional<Visitor> visitor) throws IOException;
}
