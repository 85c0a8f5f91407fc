package io.dropserver.reconciler.approval;

import io.dropserver.control.PullRequestEvent;
import io.dropserver.reconciler.approval.ApprovalRequest.State;

/**
 * Handles webhooks about pull requests that were opened with {@code git push} alone. Without API
 * access, their state is known only from signed webhook deliveries.
 */
record PushedPullRequests(ApprovalRequestRegistry requests) {
  void pullRequestChanged(PullRequestEvent event) {
    for (ApprovalRequest request : requests.list()) {
      // The commit is that of a person if a person pushed to the pull request.
      boolean same =
          request.pull().filter(number -> number == event.number()).isPresent()
              || request.location().filter(w -> w.commit().equals(event.commit())).isPresent();
      switch (event.change()) {
        case CLOSED -> {
          if (same && request.state() == State.OPEN) {
            requests.update(
                request.id(), r -> numbered(r, event.number()).decided(State.DENIED, r.granted()));
          }
        }
        case REOPENED -> {
          if (request.isOf(event) && request.isClosed()) {
            requests.reopen(request.id());
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
