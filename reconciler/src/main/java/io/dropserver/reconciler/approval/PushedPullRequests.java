package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.schema.status.PullRequestEvent;

/**
 * Handles webhooks about pull requests that were opened with {@code git push} alone. Without API
 * access, their state is known only from signed webhook deliveries.
 */
record PushedPullRequests(ApprovalRequestRegistry requests) {
  void pullRequestChanged(PullRequestEvent event) {
    for (ApprovalRequest request : requests.list()) {
      boolean sameCommit =
          request.location().filter(w -> w.commit().equals(event.commit())).isPresent();
      switch (event.change()) {
        case CLOSED -> {
          if (sameCommit && request.state() == State.OPEN) {
            requests.update(
                request.id(), r -> numbered(r, event.number()).decided(State.DENIED, r.granted()));
          }
        }
        case REOPENED -> {
          if (request.isOf(event) && request.isClosed()) {
            requests.requeue(request.id());
          }
        }
        case MERGED -> {} // detected in Git
      }
    }
  }

  /** Remembers the number, because a later event may not contain the branch. */
  private static ApprovalRequest numbered(ApprovalRequest request, long number) {
    return number > 0 ? request.withPull(number) : request;
  }
}
