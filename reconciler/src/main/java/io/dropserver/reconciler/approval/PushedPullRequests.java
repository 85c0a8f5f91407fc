package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.schema.status.PullRequestEvent;

/**
 * Handles webhooks about pull requests that were opened by push alone. Without API access, signed
 * webhook deliveries are the only source of their state.
 */
final class PushedPullRequests {
  private final ApprovalRequestRegistry book;

  PushedPullRequests(ApprovalRequestRegistry book) {
    this.book = book;
  }

  void pullRequestChanged(PullRequestEvent news) {
    for (ApprovalRequest request : book.list()) {
      boolean sameCommit =
          request.location().filter(w -> w.commit().equals(news.commit())).isPresent();
      switch (news.change()) {
        case CLOSED -> {
          if (sameCommit && request.state() == State.OPEN) {
            book.update(request.id(), r -> r.decided(State.DENIED, r.granted()));
          }
        }
        case REOPENED -> {
          boolean sameBranch = RequestBranches.name(request).equals(news.branch());
          if (sameBranch && request.state() == State.DENIED) {
            book.update(request.id(), ApprovalRequest::queued);
          }
        }
        case MERGED -> {} // detected in Git
      }
    }
  }
}
