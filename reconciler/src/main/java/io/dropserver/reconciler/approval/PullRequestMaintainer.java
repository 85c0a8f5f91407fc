package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.GitLocation;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.forge.PullRequests.Pull;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.status.PullRequestEvent;
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
 * Maintains one pull request for each request branch. It is looked up before it is opened, so a
 * lost answer does not lead to a duplicate. A pull request that was closed without merging is a
 * remembered denial.
 */
final class PullRequestMaintainer {
  /** Shortest interval between two queries about one pull request. */
  private static final Duration MIN_CHECK_INTERVAL = Duration.ofMinutes(1);

  /**
   * Added to the interval for each open pull request, which limits the total to 1,800 queries per
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
   * Counts webhooks. Incremented before a cached state is dropped, because an answer in flight may
   * be older than the webhook.
   */
  private final AtomicLong webhookCount = new AtomicLong();

  private record Seen(Pull pull, String commit, Instant at) {}

  PullRequestMaintainer(
      PullRequests forge, ApprovalRequestRegistry requests, String followedBranch, Clock clock) {
    this.forge = forge;
    this.requests = requests;
    this.followedBranch = followedBranch;
    this.clock = clock;
  }

  /** URL of the pull request. After a restart, it is unknown until the next lookup. */
  Optional<String> url(String id) {
    return Optional.ofNullable(seen.get(id)).map(known -> known.pull().url());
  }

  /** Makes the next round ask the forge about this pull request, whatever the webhook says. */
  void pullRequestChanged(PullRequestEvent event) {
    String id = event.branch().substring(event.branch().lastIndexOf('/') + 1);
    this.webhookCount.incrementAndGet();
    seen.remove(id);
    if (event.change() == PullRequestEvent.PullRequestChange.REOPENED
        && event.branch().startsWith(CommitWriter.PREFIX)) {
      reopened.add(id);
    }
  }

  boolean hasNews() {
    return !reopened.isEmpty();
  }

  /** Reopening a closed pull request queues its request again. */
  void requeueReopened() {
    for (String id : List.copyOf(reopened)) {
      Optional<ApprovalRequest> denied =
          requests.find(id).filter(request -> request.state() == State.DENIED);
      if (denied.isPresent()) {
        Optional<Pull> pull = forge.find(RequestBranches.name(denied.get()), followedBranch);
        if (pull.filter(p -> p.state() == PullRequests.State.OPEN).isPresent()) {
          requests.update(id, ApprovalRequest::queued);
        }
      }
      reopened.remove(id);
    }
  }

  /**
   * Closes a pull request that is obsolete, because Git has a decision or the appspace was removed.
   */
  void supersede(ApprovalRequest request) {
    Optional<Pull> known = Optional.ofNullable(seen.get(request.id())).map(Seen::pull);
    if (known.filter(p -> p.state() != PullRequests.State.OPEN).isPresent()) {
      return;
    }
    String branch = request.location().orElseThrow().branch();
    Optional<Pull> open =
        forge.find(branch, followedBranch).filter(p -> p.state() == PullRequests.State.OPEN);
    if (open.isPresent()) {
      forge.close(open.get(), RequestText.superseded(request, followedBranch));
    }
    seen.remove(request.id());
  }

  /**
   * Finds or opens the pull request of an open request's branch.
   *
   * @param rebuilt whether the branch is about to be rebuilt. The forge is then asked at once,
   *     because the branch of a closed pull request must not be rebuilt
   */
  void maintain(ApprovalRequest request, Instance instance, boolean rebuilt) {
    GitLocation gitLocation = request.location().orElseThrow();
    Instant now = Instant.ofEpochMilli(clock.millis());
    Seen before = seen.get(request.id());
    if (before != null
        && before.commit().equals(gitLocation.commit())
        && !rebuilt
        && before.at().plus(checkInterval()).isAfter(now)) {
      return;
    }
    long heard = webhookCount.get();
    // A pull request that was closed with another commit belongs to an earlier request.
    Optional<Pull> found =
        forge
            .find(gitLocation.branch(), followedBranch)
            .filter(
                p -> p.state() == PullRequests.State.OPEN || p.head().equals(gitLocation.commit()));
    Pull pull = found.orElseGet(() -> open(request, instance));
    seen.put(request.id(), new Seen(pull, gitLocation.commit(), now));
    if (webhookCount.get() != heard) {
      seen.remove(request.id());
    }
    if (pull.state() == PullRequests.State.MERGED && request.isSuggestion()) {
      // Applies to every kind of merge. Entries that are missing in Git were left out.
      requests.update(request.id(), new GitDecisions(instance)::markDecided);
    }
    if (pull.state() == PullRequests.State.CLOSED) {
      requests.update(request.id(), r -> r.decided(State.DENIED, r.granted()));
    }
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
