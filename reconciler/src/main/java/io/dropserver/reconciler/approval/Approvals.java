package io.dropserver.reconciler.approval;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.ControlException;
import io.dropserver.control.PullRequestEvent;
import io.dropserver.egress.Destination;
import io.dropserver.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Manages egress requests of appspaces, from the first blocked request to a reviewer's decision in
 * Git. One thread writes requests to Git, so apps and users do not wait for Git. Thread-safe.
 */
public final class Approvals implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);

  /** Interval between checks for branches that were deleted without a decision. */
  private static final Duration BRANCH_CHECK_INTERVAL = Duration.ofMinutes(5);

  /** Interval between checks for closed pull requests. */
  private static final Duration FORGE_CHECK_INTERVAL = Duration.ofMinutes(1);

  private final ApprovalRequestRegistry requests;
  private final Suggestions suggestions = new Suggestions();
  private final Optional<Writing> writing;
  private final WriteBackListener writeBackListener;
  private final Backoff backoff;
  private final WakeableLoop loop = new WakeableLoop("approvals");
  private volatile int failures; // changed only by the loop's thread
  private String warned = ""; // accessed only by the loop's thread
  private volatile Optional<Instance> served = Optional.empty();

  /**
   * The collaborators that write requests to Git.
   *
   * @param lock is held while this class writes to the remote
   */
  private record Writing(
      WriteRemote remote,
      WriteBack writeBack,
      DecisionWriter verdicts,
      Optional<PullRequestMaintainer> pulls,
      ReentrantLock lock) {}

  /** Receives notifications about writes to the repository. Thread-safe. */
  public interface WriteBackListener {
    /** Called after a push to the followed branch. */
    void pushed();

    /**
     * Called when requests cannot be written to Git, and when they can be again.
     *
     * @param why a sentence for a condition; empty when writing is possible again
     */
    void blocked(Optional<String> why);
  }

  private Approvals(
      ApprovalRequestRegistry requests,
      Optional<Writing> writing,
      WriteBackListener writeBackListener,
      Backoff backoff) {
    this.requests = requests;
    this.writing = writing;
    this.writeBackListener = writeBackListener;
    this.backoff = backoff;
  }

  /**
   * Creates an instance without write access. Requests stay queued until a reviewer changes the
   * whitelist in Git.
   */
  public static Approvals withoutWriteAccess(
      ApprovalRequestRegistry requests, WriteBackListener writeBackListener, Backoff backoff) {
    return new Approvals(requests, Optional.empty(), writeBackListener, backoff);
  }

  /**
   * @param forge opens pull requests, unless the instance uses another mode; empty without API
   *     access
   * @param signedOnly whether only signed commits are served
   */
  public static Approvals withWriteAccess(
      ApprovalRequestRegistry requests,
      WriteRemote remote,
      Optional<PullRequests> forge,
      InstanceReader reader,
      ReadOptions options,
      boolean signedOnly,
      WriteBackListener writeBackListener,
      Backoff backoff,
      Clock clock) {
    WhitelistEdit edit = new WhitelistEdit(reader, options);
    Optional<PullRequestMaintainer> pulls =
        forge.map(f -> new PullRequestMaintainer(f, requests, remote.followedBranch(), clock));
    CommitWriter commitWriter = new CommitWriter(remote, edit, clock, signedOnly);
    WriteBack writeBack = new WriteBack(requests, remote, commitWriter, pulls, backoff, clock);
    ReentrantLock lock = new ReentrantLock();
    DecisionWriter verdicts = new DecisionWriter(requests, commitWriter, lock);
    Writing writing = new Writing(remote, writeBack, verdicts, pulls, lock);
    return new Approvals(requests, Optional.of(writing), writeBackListener, backoff);
  }

  public Approvals start() {
    var _ = loop.start(this::run);
    return this;
  }

  /**
   * Records a request; see {@link ApprovalRequestRegistry#recordRequest}. If the app gives no
   * reason, uses the one in its manifest.
   */
  public ApprovalState recordRequest(
      String appspace, Destination destination, Set<String> methods, Optional<String> reason) {
    Optional<String> text = reason.or(() -> suggestions.reason(appspace, destination));
    ApprovalRequestRegistry.Noted noted =
        requests.recordRequest(appspace, destination, methods, text);
    if (noted.news()) {
      loop.wake();
    }
    return noted.standing();
  }

  /** Records the suggestions of an app that the appspace runs from now on. */
  public void appDeclared(String appspace, DropappManifest dropappManifest) {
    suggestions.update(appspace, dropappManifest);
    if (requests.recordSuggestions(appspace, suggestions.lines(appspace))) {
      // Git may already contain a decision. If the served revision does not declare the appspace
      // yet, the next revision is checked instead.
      served
          .filter(instance -> instance.appspace(appspace).isPresent())
          .ifPresent(instance -> requests.applyDecisions(appspace, instance));
      loop.wake();
    }
  }

  /** Applies the decisions of a revision that went into service. */
  public void revisionServed(Instance instance) {
    served = Optional.of(instance);
    requests.applyRevision(instance);
    suggestions.forget(instance.appspaces().keySet());
    loop.wake();
  }

  /**
   * Handles a webhook about a pull request. Events of unrelated pull requests are ignored later.
   */
  public void pullRequestChanged(PullRequestEvent event) {
    if (writing.isPresent()) {
      Writing to = writing.get();
      if (to.pulls().isPresent()) {
        to.pulls().get().pullRequestChanged(event);
      } else if (to.remote().style() != PushStyle.BRANCHES) {
        new PushedPullRequests(requests).pullRequestChanged(event);
      }
    }
    loop.wake();
  }

  /**
   * Returns undecided requests first, then decided ones, each in the order in which they were first
   * made.
   */
  public List<ApprovalStatus> list() {
    return requests.list().stream()
        .sorted(java.util.Comparator.comparing(request -> !request.undecided()))
        .map(request -> ApprovalView.of(request, pullRequest(request.id()), served))
        .toList();
  }

  /** Returns whether the server has write credentials for the repository. */
  public boolean canWrite() {
    return writing.isPresent();
  }

  /** Returns whether requests become pull requests of a forge. */
  public boolean opensPullRequests(ApprovalMode mode) {
    return (mode == ApprovalMode.AUTO || mode == ApprovalMode.PULL_REQUEST)
        && writing
            .filter(to -> to.pulls().isPresent() || to.remote().style() != PushStyle.BRANCHES)
            .isPresent();
  }

  private Optional<String> pullRequest(String id) {
    return writing.flatMap(Writing::pulls).flatMap(pulls -> pulls.url(id));
  }

  /**
   * See {@link DecisionWriter#approve}.
   *
   * @param expires a duration from now, a date or a time; empty if the grant does not end
   */
  public void approve(
      String id,
      Optional<String> url,
      SortedSet<String> methods,
      Optional<String> expires,
      String by) {
    Optional<Instant> end = expires.flatMap(requests::end);
    if (expires.isPresent() && end.isEmpty()) {
      throw new ControlException(
          "the end of the grant is neither a duration, like 30d or 12h, nor a date in the future,"
              + " like 2027-01-31");
    }
    verdicts().approve(find(id), url, methods, end, by);
    writeBackListener.pushed();
    loop.wake();
  }

  /** See {@link DecisionWriter#deny}. */
  public void deny(String id, String by) {
    verdicts().deny(find(id), by);
    writeBackListener.pushed();
    loop.wake();
  }

  private DecisionWriter verdicts() {
    return writing
        .map(Writing::verdicts)
        .orElseThrow(
            () ->
                new ControlException(
                    "this server has no write credentials for the repository; name them under"
                        + " repo.write in its configuration, or add the entry with git yourself"));
  }

  /**
   * Queues a request for presentation again, even after a denial.
   *
   * @throws ControlException when there is no such request, or an entry in Git denies it
   */
  public void retry(String id) {
    ApprovalRequest found = find(id);
    served
        .flatMap(instance -> requests.decisions(instance).denial(found))
        .ifPresent(
            entry -> {
              throw new ControlException(
                  "request \"%s\" is denied by the entry at %s; remove that entry, push, and retry"
                      .formatted(id, entry));
            });
    if (found.state() == State.OPEN) {
      requests.update(id, ApprovalRequest::outdated);
    } else {
      requests.requeue(id);
    }
    loop.wake();
  }

  /**
   * Checks the requests' branches again soon, because the remote was polled and a person may have
   * deleted one of them. Does nothing while the last failure's delay lasts, and for pull requests,
   * which have their own interval.
   */
  public void remotePolled() {
    boolean branches = writing.filter(to -> to.pulls().isEmpty()).isPresent();
    if (branches
        && failures == 0
        && requests.list().stream().anyMatch(request -> request.state() == State.OPEN)) {
      loop.wake();
    }
  }

  private ApprovalRequest find(String id) {
    return requests
        .find(id)
        .orElseThrow(
            () ->
                new ControlException(
                    "there is no request for approval \"%s\"; `dropserver approvals list` lists them"
                        .formatted(id)));
  }

  private Duration run() {
    try {
      Duration delay = runRound() ? Duration.ZERO : pause();
      failures = 0;
      warned = "";
      return delay;
    } catch (IOException | RuntimeException e) {
      String why = String.valueOf(e.getMessage());
      if (!why.equals(warned)) {
        LOG.warn("requests for approval cannot be written to Git yet: {}", why);
        warned = why;
      }
      writeBackListener.blocked(Optional.of(why));
      int consecutive = failures + 1;
      failures = consecutive;
      Duration delay = backoff.after(consecutive);
      return e instanceof WriteException refused ? refused.retryAfter().orElse(delay) : delay;
    }
  }

  private boolean runRound() throws IOException {
    served.ifPresentOrElse(requests::applyTime, requests::save);
    boolean queued = requests.list().stream().anyMatch(request -> request.state() == State.QUEUED);
    if (writing.isEmpty()) {
      writeBackListener.blocked(
          queued
              ? Optional.of(
                  "requests for approval stay on this server, because it has no write credentials;"
                      + " name them under repo.write in the host configuration")
              : Optional.empty());
      return false;
    }
    try (var _ = new HeldLock(writing.get().lock())) {
      boolean more = writing.get().writeBack().runRound();
      writeBackListener.blocked(requests.failing());
      return more;
    }
  }

  /** Returns the time until the next round, which is short if a failed request must be retried. */
  private Duration pause() {
    Duration usual = usualPause();
    Optional<Duration> end = served.flatMap(requests::untilNextEnd);
    return end.filter(left -> left.compareTo(usual) < 0).orElse(usual);
  }

  private Duration usualPause() {
    return requests.list().stream().anyMatch(r -> r.undecided() && r.failure().isPresent())
        ? Duration.ofSeconds(5)
        : writing.flatMap(Writing::pulls).isPresent()
            ? FORGE_CHECK_INTERVAL
            : BRANCH_CHECK_INTERVAL;
  }

  /** Waits at most a few seconds for a running round, then saves unsaved requests. */
  @Override
  public void close() {
    loop.closeAfter(Duration.ofSeconds(5));
    requests.save();
    writing.ifPresent(to -> to.remote().close());
  }
}
