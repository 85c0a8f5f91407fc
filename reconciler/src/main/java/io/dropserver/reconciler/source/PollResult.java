package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.SourceTree;
import io.dropserver.state.condition.InstanceReason;
import java.time.Duration;
import java.util.Optional;

/**
 * The result of polling the remote. In every case except {@link Moved}, the served revision stays
 * in service.
 */
public sealed interface PollResult {

  /**
   * The head was already handed over by the last {@link Moved}, or is in service.
   *
   * @param head 40 hex digits
   */
  record Unchanged(String head) implements PollResult {}

  /** A new head that may be validated and applied. */
  record Moved(Revision revision, SourceTree tree) implements PollResult {}

  /**
   * The head must not be served. Each poll returns this result until the remote changes or an
   * operator accepts the head.
   *
   * @param seen the head, 40 hex digits; empty if the remote has none
   * @param message describes the problem, for a condition
   * @param remedy what the operator can do
   */
  record Refused(InstanceReason reason, Optional<String> seen, String message, String remedy)
      implements PollResult {}

  /**
   * The remote did not respond in time or refused access.
   *
   * @param message names the remote without credentials
   * @param retryAfter delay that the remote requested
   */
  record Unreachable(
      InstanceReason reason, String message, String remedy, Optional<Duration> retryAfter)
      implements PollResult {}
}
