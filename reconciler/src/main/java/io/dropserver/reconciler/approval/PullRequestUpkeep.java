package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.approval.ApprovalRequest.Written;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.forge.PullRequests.Pull;
import io.dropserver.schema.instance.Instance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One pull request for each branch of a request: looked for before it is opened, so that a lost
 * answer makes no second one. Closed without merging, it is a remembered no.
 */
final class PullRequestUpkeep {
  /** A forge is asked about one pull request no more often. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  private final PullRequests forge;
  private final RequestBook book;
  private final Clock clock;
  private final String followedBranch;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();

  private record Seen(Pull pull, String commit, Instant at) {}

  PullRequestUpkeep(PullRequests forge, RequestBook book, String followedBranch, Clock clock) {
    this.forge = forge;
    this.book = book;
    this.followedBranch = followedBranch;
    this.clock = clock;
  }

  /** Where people find it; unknown after a restart until it was looked for. */
  Optional<String> url(String id) {
    return Optional.ofNullable(seen.get(id)).map(known -> known.pull().url());
  }

  /** The forge is asked about the branch's pull request in the next round. */
  void lookAgain(String branch) {
    seen.remove(branch.substring(branch.lastIndexOf('/') + 1));
  }

  /**
   * Finds or opens the pull request of an open request's branch.
   *
   * @param head of the followed branch: when it moved, the forge is asked at once, since a branch
   *     is about to be made again and a closed request must not be
   */
  void keep(ApprovalRequest request, Instance instance, String head) {
    Written written = request.written().orElseThrow();
    Instant now = Instant.ofEpochMilli(clock.millis());
    Seen before = seen.get(request.id());
    if (before != null
        && before.commit().equals(written.commit())
        && written.base().equals(head)
        && before.at().plus(LOOK_AGAIN).isAfter(now)) {
      return;
    }
    // One that was closed over another commit was about an earlier question.
    Optional<Pull> found =
        forge
            .find(written.branch(), followedBranch)
            .filter(p -> p.state() == PullRequests.State.OPEN || p.head().equals(written.commit()));
    Pull pull = found.orElseGet(() -> open(request, instance));
    seen.put(request.id(), new Seen(pull, written.commit(), now));
    if (pull.state() == PullRequests.State.MERGED && request.isSuggestion()) {
      // However it was merged; what is not there is left out.
      book.update(request.id(), new Decisions(instance)::settled);
    }
    if (pull.state() == PullRequests.State.CLOSED) {
      book.update(request.id(), r -> r.decided(State.DENIED, r.granted()));
    }
  }

  private Pull open(ApprovalRequest request, Instance instance) {
    long waiting =
        book.dropped(request.appspace())
            + book.list().stream()
                .filter(r -> r.appspace().equals(request.appspace()) && r.state() == State.QUEUED)
                .count();
    return forge.open(
        request.written().orElseThrow().branch(),
        followedBranch,
        RequestText.title(request),
        RequestText.body(request, instance, waiting));
  }
}
