package io.dropserver.reconciler.approval;

import io.dropserver.control.PullRequestEvent;
import io.dropserver.reconciler.approval.ApprovalRequest.GitLocation;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.approval.RequestBranches.BranchState;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.forge.PullRequests.Pull;
import io.dropserver.schema.instance.Instance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Maintains one pull request for each request branch. Looks for an existing pull request before
 * opening one, so a lost response does not cause a duplicate. A pull request that was closed
 * without merging counts as a denial.
 */
final class PullRequestMaintainer {
  /** Minimum interval between two queries about one pull request. */
  private static final Duration MIN_CHECK_INTERVAL = Duration.ofMinutes(1);

  /**
   * Increase of the interval for each open pull request. It limits the total to 1,800 queries per
   * hour.
   */
  private static final Duration INTERVAL_PER_PULL = Duration.ofSeconds(2);

  private final PullRequests forge;
  private final ApprovalRequestRegistry requests;
  private final Clock clock;
  private final String followedBranch;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();
  private final Set<String> reopened = ConcurrentHashMap.newKeySet();

  /**
   * Counts webhooks. Incremented before a cached state is removed, so that a query in progress
   * detects the webhook and does not cache an older state.
   */
  private final AtomicLong webhookCount = new AtomicLong();

  /**
   * @param pull empty if the forge had none
   */
  private record Seen(Optional<Pull> pull, String commit, Instant at) {}

  PullRequestMaintainer(
      PullRequests forge, ApprovalRequestRegistry requests, String followedBranch, Clock clock) {
    this.forge = forge;
    this.requests = requests;
    this.followedBranch = followedBranch;
    this.clock = clock;
  }

  /**
   * Returns the URL of a pull request. Empty after a restart until the pull request was looked up
   * again.
   */
  Optional<String> url(String id) {
    return Optional.ofNullable(seen.get(id)).flatMap(Seen::pull).map(Pull::url);
  }

  /**
   * Makes the next round query the forge about this pull request. The content of the webhook is not
   * trusted.
   */
  void pullRequestChanged(PullRequestEvent event) {
    this.webhookCount.incrementAndGet();
    for (ApprovalRequest request : requests.list()) {
      if (request.isOf(event)) {
        seen.remove(request.id());
        if (event.change() == PullRequestEvent.PullRequestChange.REOPENED) {
          reopened.add(request.id());
        }
      }
    }
  }

  boolean hasNews() {
    return !reopened.isEmpty();
  }

  /** Queues the requests of reopened pull requests again. */
  void requeueReopened() {
    for (String id : List.copyOf(reopened)) {
      Optional<ApprovalRequest> denied = requests.find(id).filter(ApprovalRequest::isClosed);
      if (denied.isPresent()) {
        Optional<Pull> pull = find(denied.get(), RequestBranches.name(denied.get()));
        if (pull.filter(p -> p.state() == PullRequests.State.OPEN).isPresent()) {
          requests.update(id, request -> request.withPull(pull.get().number()));
          requests.reopen(id);
        }
      }
      reopened.remove(id);
    }
  }

  /**
   * Closes an obsolete pull request, because Git contains a decision or the appspace was removed.
   */
  void supersede(ApprovalRequest request) {
    Optional<Pull> known = Optional.ofNullable(seen.get(request.id())).flatMap(Seen::pull);
    if (known.filter(p -> p.state() != PullRequests.State.OPEN).isPresent()) {
      return;
    }
    String branch = request.location().orElseThrow().branch();
    Optional<Pull> open = find(request, branch).filter(p -> p.state() == PullRequests.State.OPEN);
    if (open.isPresent()) {
      forge.close(open.get(), RequestText.superseded(request, followedBranch));
    }
    seen.remove(request.id());
  }

  /**
   * Finds or opens the pull request of an open request's branch, and records its result.
   *
   * @param branch if it is outdated, the forge is queried immediately, because the branch of a
   *     closed pull request must not be rebuilt
   */
  void maintain(ApprovalRequest request, Instance instance, BranchState branch) {
    GitLocation gitLocation = request.location().orElseThrow();
    Instant now = Instant.ofEpochMilli(clock.millis());
    Seen before = seen.get(request.id());
    if (before != null
        && before.commit().equals(gitLocation.commit())
        && before.pull().map(Pull::number).equals(request.pull()) // not presented anew since
        && !branch.outdated()
        && !before.at().isAfter(now) // before the date was set back
        && before.at().plus(checkInterval()).isAfter(now)) {
      return;
    }
    long heard = webhookCount.get();
    Optional<Pull> found = find(request, gitLocation.branch());
    if (found.isEmpty() && branch.waiting()) {
      found = Optional.of(open(request, instance));
    }
    seen.put(request.id(), new Seen(found, gitLocation.commit(), now));
    if (webhookCount.get() != heard) {
      seen.remove(request.id());
    }
    if (found.isPresent()) {
      record(request, found.get(), new GitDecisions(instance, now));
    }
  }

  private void record(ApprovalRequest request, Pull pull, GitDecisions decisions) {
    if (!request.pull().equals(Optional.of(pull.number()))) {
      requests.update(request.id(), r -> r.withPull(pull.number()));
    }
    if (pull.state() == PullRequests.State.MERGED && request.isSuggestion()) {
      // A merge of any kind decides all entries: the reviewer denied those that Git does not
      // contain.
      requests.update(request.id(), decisions::markDecided);
    }
    if (pull.state() == PullRequests.State.CLOSED) {
      requests.update(request.id(), r -> r.decided(State.DENIED, r.granted()));
    }
  }

  /**
   * Finds the pull request that the server remembers. Its number identifies it, because a person
   * may push to its branch, close it, and delete the branch. If it is closed or not known, finds
   * the open one of the branch, or the one that was closed with the server's commit: another one
   * belongs to an earlier presentation of the request.
   */
  private Optional<Pull> find(ApprovalRequest request, String branch) {
    Optional<Pull> remembered =
        request.pull().flatMap(number -> forge.find(number, RequestBranches.name(request)));
    if (remembered.filter(pull -> pull.state() != PullRequests.State.CLOSED).isPresent()) {
      return remembered;
    }
    String commit = request.location().map(GitLocation::commit).orElse("");
    Optional<Pull> newest = forge.find(branch, followedBranch);
    return newest
        .filter(pull -> pull.state() == PullRequests.State.OPEN)
        .or(() -> remembered)
        .or(() -> newest.filter(pull -> pull.head().equals(commit)));
  }

  private Duration checkInterval() {
    return MIN_CHECK_INTERVAL.plus(INTERVAL_PER_PULL.multipliedBy(seen.size()));
  }

  private Pull open(ApprovalRequest request, Instance instance) {
    long waiting =
        requests.dropped(request.appspace())
            + requests.list().stream()
                .filter(r -> r.appspace().equals(request.appspace()) && r.state() == State.QUEUED)
                .count();
    return forge.open(
        request.location().orElseThrow().branch(),
        followedBranch,
        RequestText.title(request),
        RequestText.body(request, instance, waiting));
  }
}
