package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.status.InstanceReason;
import java.time.Duration;
import java.util.Optional;

/** What a look at the remote found. In every case but {@link Moved} what is served stays served. */
public sealed interface PollResult {

  /**
   * The head is the one that the last {@link Moved} handed over, or the one in service.
   *
   * @param head 40 hex digits
   */
  record Unchanged(String head) implements PollResult {}

  /** A new head that may be validated and applied. */
  record Moved(Revision revision, SourceTree tree) implements PollResult {}

  /**
   * The remote answered and what it holds must not be served. Repeated by each poll until the
   * remote changes or a person accepts it.
   *
   * @param seen 40 hex digits of the head, where there is one
   * @param message what is wrong, for a condition
   * @param remedy what a person can do
   */
  record Refused(InstanceReason reason, Optional<String> seen, String message, String remedy)
      implements PollResult {}

  /**
   * The remote did not answer, or not in time, or does not let us in.
   *
   * @param message names the remote without credentials
   * @param retryAfter what the remote asked for
   */
  record Unreachable(
      InstanceReason reason, String message, String remedy, Optional<Duration> retryAfter)
      implements PollResult {}
}
