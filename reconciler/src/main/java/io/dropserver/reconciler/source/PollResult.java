package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.status.InstanceReason;
import java.time.Duration;
import java.util.Optional;

/**
 * The result of polling the remote. In every case except {@link Moved}, the served revision stays
 * in service.
 */
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
   * The remote answered, but its content must not be served. Each poll repeats this until the
   * remote changes or an operator accepts the head.
   *
   * @param seen the head, 40 hex digits, if there is one
   * @param message what is wrong, for a condition
   * @param remedy what a person can do
   */
  record Refused(InstanceReason reason, Optional<String> seen, String message, String remedy)
      implements PollResult {}

  /**
   * The remote did not respond in time, or refused access.
   *
   * @param message names the remote without credentials
   * @param retryAfter delay that the remote asked for
   */
  record Unreachable(
      InstanceReason reason, String message, String remedy, Optional<Duration> retryAfter)
      implements PollResult {}
}
