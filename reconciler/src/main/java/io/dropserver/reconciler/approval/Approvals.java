package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.schema.concurrent.WakeableLoop;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.ControlException;
import io.dropserver.schema.status.PullRequestEvent;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The egress requests of appspaces, from the first blocked request to a person's decision in Git.
 * One thread writes requests to Git; apps and people never wait for it. Thread-safe.
 */
public final class Approvals implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Approvals.class);

  /** Interval after which branches that were deleted without a decision are noticed. */
  private static final Duration BRANCH_CHECK_INTERVAL = Duration.ofMinutes(5);

  /** Interval after which closed pull requests are noticed. */
  private static final Duration FORGE_CHECK_INTERVAL = Duration.ofMinutes(1);

  private final ApprovalRequestRegistry requests;
  private final Suggestions suggestions = new Suggestions();
  private final Optional<Writing> writing;
  private final WriteBackListener writeBackListener;
  private final Backoff backoff;

  /** Held while writing to the remote. */
  private final ReentrantLock writes;

  private final WakeableLoop loop = new WakeableLoop("approvals");
  private int failures; // used only by the loop
  private volatile Optional<Instance> served = Optional.empty();

  /** The parts that write requests to Git. */
  private record Writing(
      WriteRemote remote,
      WriteBack writeBack,
      DecisionWriter verdicts,
      Optional<PullRequestMaintainer> pulls) {}

  /** Receives notifications about approvals. */
  public interface WriteBackListener {
    /** The server pushed to the followed branch. */
    void pushed();

    /**
     * Requests cannot be written to Git; empty once they can be again.
     *
     * @param why a sentence for a condition
     */
    void blocked(Optional<String> why);
  }

  private Approvals(
      ApprovalRequestRegistry requests,
      Optional<Writing> writing,
      ReentrantLock writes,
      WriteBackListener writeBackListener,
      Backoff backoff) {
    this.requests = requests;
    this.writing = writing;
    this.writeBackListener = writeBackListener;
    this.backoff = backoff;
    this.writes = writes;
  }

  /**
   * Creates an instance without write access: requests wait until a person decides with {@code
   * git}.
   */
  public static Approvals withoutWriteAccess(
      ApprovalRequestRegistry requests, WriteBackListener writeBackListener, Backoff backoff) {
    return new Approvals(
        requests, Optional.empty(), new ReentrantLock(), writeBackListener, backoff);
  }

  /**
   * @param forge where pull requests are opened, unless the instance uses another mode
   * @param signedOnly whether the instance serves signed commits only
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
    ReentrantLock writes = new ReentrantLock();
    Writing writing =
        new Writing(remote, writeBack, new DecisionWriter(requests, commitWriter, writes), pulls);
    return new Approvals(requests, Optional.of(writing), writes, writeBackListener, backoff);
  }

  public Approvals start() {
    var _ = loop.start(this::run);
    return this;
  }

  /**
   * Records a request, see {@link ApprovalRequestRegistry#recordRequest}. Without a reason, uses
   * the one from the manifest's suggestion.
   */
  public ApprovalState recordRequest(
      String appspace, Destination destination, Set<String> methods, Optional<String> reason) {
    Optional<String> words = reason.or(() -> suggestions.reason(appspace, destination));
    ApprovalRequestRegistry.Noted noted =
        requests.recordRequest(appspace, destination, methods, words);
    if (noted.news()) {
      loop.wake();
    }
    return noted.standing();
  }

  /** Reports that an appspace runs this app from now on. */
  public void appDeclared(String appspace, DropappManifest dropappManifest) {
    suggestions.update(appspace, dropappManifest);
    if (requests.recordSuggestions(appspace, suggestions.lines(appspace))) {
      // Git may have decided this already. Skip appspaces that the served revision does not contain
      // yet; the next revision covers them.
      served
          .filter(instance -> instance.appspace(appspace).isPresent())
          .ifPresent(instance -> requests.applyDecisions(appspace, instance));
      loop.wake();
    }
  }

  /** Reports that a revision went into service. */
  public void revisionServed(Instance instance) {
    served = Optional.of(instance);
    requests.applyRevision(instance);
    suggestions.forget(instance.appspaces().keySet());
    loop.wake();
  }

  /** Reports a webhook about a pull request. Whether it belongs to a request is checked later. */
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

  /** All requests: undecided ones first, then in the order of their first request. */
  public List<ApprovalStatus> list() {
    return requests.list().stream()
        .sorted(java.util.Comparator.comparing(request -> !request.undecided()))
        .map(request -> ApprovalView.of(request, pullRequest(request.id()), served))
        .toList();
  }

  private Optional<String> pullRequest(String id) {
    return writing.flatMap(Writing::pulls).flatMap(pulls -> pulls.url(id));
  }

  /** See {@link DecisionWriter#approve}. */
  public void approve(String id, Optional<String> url, SortedSet<String> methods, String by) {
    verdicts().approve(find(id), url, methods, by);
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
   * Presents a request to people again, even after a denial.
   *
   * @throws ControlException when there is no such request
   */
  public void retry(String id) {
    find(id);
    requests.update(
        id, request -> request.state() == State.OPEN ? request.outdated() : request.queued());
    loop.wake();
  }

  private ApprovalRequest find(String id) {
    return requests
        .find(id)
        .orElseThrow(
            () ->
                new ControlException(
                    "there is no request for approval \""
                        + id
                        + "\"; `dropserver approvals list` lists them"));
  }

  private Duration run() {
    try {
      Duration delay = runRound() ? Duration.ZERO : pause();
      failures = 0;
      return delay;
    } catch (IOException | RuntimeException e) {
      LOG.warn("requests for approval cannot be written to Git yet: {}", e.getMessage());
      writeBackListener.blocked(Optional.of(String.valueOf(e.getMessage())));
      Duration delay = backoff.after(++failures);
      return e instanceof WriteException refused ? refused.retryAfter().orElse(delay) : delay;
    }
  }

  private boolean runRound() throws IOException {
    requests.save();
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
    writes.lock();
    try {
      boolean more = writing.get().writeBack().runRound();
      writeBackListener.blocked(Optional.empty());
      return more;
    } finally {
      writes.unlock();
    }
  }

  /** Time until the next round: short while a failed request waits for its retry. */
  private Duration pause() {
    return requests.list().stream().anyMatch(r -> r.undecided() && r.failure().isPresent())
        ? Duration.ofSeconds(5)
        : writing.flatMap(Writing::pulls).isPresent()
            ? FORGE_CHECK_INTERVAL
            : BRANCH_CHECK_INTERVAL;
  }

  /** Saves unsaved requests. Waits at most a few seconds for a running round. */
  @Override
  public void close() {
    loop.closeAfter(Duration.ofSeconds(5));
    requests.save();
    writing.ifPresent(to -> to.remote().close());
  }
}
