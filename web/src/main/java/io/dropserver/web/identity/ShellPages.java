package io.dropserver.web.identity;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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

  /** Returns the messages of apps that the person has not read, newest first. */
  default List<Notice> notices(Visitor visitor) {
    return List.of();
  }

  /**
   * Returns the number of the served version, if open pages reload themselves when it changes; see
   * {@code app dev}.
   */
  default OptionalLong reloadVersion() {
    return OptionalLong.empty();
  }

  /**
   * A message of an app. Its texts are safe to display, but untrusted.
   *
   * @param href the path on the shell's host that opens the message
   * @param appspace the name of the appspace
   */
  record Notice(String href, String appspace, String title, String body, Instant created) {}
}
