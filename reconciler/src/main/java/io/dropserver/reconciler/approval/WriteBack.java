package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.GitLocation;
import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.approval.ApprovalRequest.WriteFailure;
import io.dropserver.reconciler.approval.CommitWriter.Committed;
import io.dropserver.reconciler.approval.CommitWriter.RemoteState;
import io.dropserver.reconciler.approval.RequestBranches.BranchState;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.reconciler.source.History;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes requests to Git in rounds. A round maintains open requests, presents queued ones and
 * cleans up after decided ones. The next round completes an interrupted one. Not thread-safe.
 */
final class WriteBack {
  private static final Logger LOG = LoggerFactory.getLogger(WriteBack.class);

  /** Maximum delay before a failed request is retried. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** Maximum delay that a remote or a forge may request. */
  private static final Duration LONGEST_REQUESTED_WAIT = Duration.ofHours(1);

  /**
   * Number of consecutive failures after which the remote is considered unavailable and the round
   * ends.
   */
  private static final int MAX_CONSECUTIVE_FAILURES = 10;

  /**
   * Maximum number of requests that one round presents, so that open requests are maintained again
   * soon.
   */
  private static final int MAX_PER_ROUND = 40;

  private final ApprovalRequestRegistry requests;
  private final WriteRemote remote;
  private final CommitWriter commitWriter;
  private final RequestBranches requestBranches;
  private final Optional<PullRequestMaintainer> pulls;
  private final Backoff backoff;
  private final Clock clock;
  private int consecutiveFailures;

  WriteBack(
      ApprovalRequestRegistry requests,
      WriteRemote remote,
      CommitWriter commitWriter,
      Optional<PullRequestMaintainer> pulls,
      Backoff backoff,
      Clock clock) {
    this.pulls = pulls;
    this.requests = requests;
    this.remote = remote;
    this.commitWriter = commitWriter;
    this.requestBranches = new RequestBranches(remote, commitWriter, requests);
    this.backoff = backoff;
    this.clock = clock;
  }

  /**
   * Runs one round.
   *
   * @return whether another round must follow immediately
   * @throws WriteBackBlockedException when no request can be written until time passes or an
   *     operator acts
   * @throws SourceException when the remote refuses or does not respond
   */
  boolean runRound() throws IOException {
    boolean news = pulls.filter(PullRequestMaintainer::hasNews).isPresent();
    if (!news && requests.list().stream().noneMatch(this::concernsGit)) {
      return false;
    }
    pulls.ifPresent(PullRequestMaintainer::requeueReopened);
    RemoteState remoteState = commitWriter.readRemote();
    ApprovalMode mode = remoteState.base().instance().settings().approvals().mode();
    for (ApprovalRequest request : requests.list()) {
      if (request.location().filter(w -> requestBranches.isOurs(w.branch())).isPresent()) {
        attempt(request, () -> maintainWritten(request, remoteState));
      }
    }
    List<ApprovalRequest> due = due(remoteState.base().instance());
    for (ApprovalRequest request : due.subList(0, Math.min(MAX_PER_ROUND, due.size()))) {
      if (mode == ApprovalMode.COMMIT) {
        attempt(request, () -> addPending(request, remoteState.base().instance()));
      } else {
        attempt(request, () -> open(request, remoteState));
      }
    }
    return due.size() > MAX_PER_ROUND;
  }

  private boolean concernsGit(ApprovalRequest request) {
    return request.state() == State.QUEUED
        || request.location().filter(w -> requestBranches.isOurs(w.branch())).isPresent();
  }

  private void maintainWritten(ApprovalRequest request, RemoteState remoteState)
      throws IOException {
    if (request.state() == State.OPEN) {
      maintainOpen(request, remoteState);
    }
    Optional<ApprovalRequest> decided =
        requests
            .find(request.id())
            .filter(now -> !now.undecided())
            .filter(now -> now.location().isPresent());
    if (decided.isPresent()) {
      if (pulls.isPresent() && requestBranches.isUnmerged(decided.get(), remoteState)) {
        pulls.get().supersede(decided.get());
      }
      requestBranches.cleanUp(decided.get(), remoteState);
      requests.update(request.id(), ApprovalRequest::withoutLocation);
    }
  }

  private void open(ApprovalRequest request, RemoteState remoteState) throws IOException {
    requestBranches.open(request, remoteState);
    Optional<ApprovalRequest> written = open(request.id());
    if (written.isPresent()) {
      maintainPullRequest(written.get(), remoteState, new BranchState(true, false));
    }
  }

  private void maintainOpen(ApprovalRequest request, RemoteState remoteState) throws IOException {
    maintainPullRequest(request, remoteState, requestBranches.state(request, remoteState));
    Optional<ApprovalRequest> still = open(request.id());
    if (still.isPresent()) {
      requestBranches.maintain(still.get(), remoteState);
    }
  }

  private void maintainPullRequest(
      ApprovalRequest request, RemoteState remoteState, BranchState branch) {
    Instance instance = remoteState.base().instance();
    if (pulls.isPresent() && instance.settings().approvals().mode() != ApprovalMode.BRANCH) {
      pulls.get().maintain(request, instance, branch);
    }
  }

  private Optional<ApprovalRequest> open(String id) {
    return requests.find(id).filter(request -> request.state() == State.OPEN);
  }

  /** Adds a request to the pending list in the followed branch, in mode {@code commit}. */
  private void addPending(ApprovalRequest request, Instance instance) throws IOException {
    Committed committed =
        commitWriter.commitToFollowed(
            request, ListName.PENDING, commitWriter.entries(request, instance), History.SERVER);
    String commit = committed.done().orElse(committed.base().commit());
    requests.update(
        request.id(),
        now ->
            now.state() == State.QUEUED
                ? now.openedAt(
                    new GitLocation(remote.followedBranch(), commit, committed.base().commit()))
                : now);
  }

  /**
   * Returns the queued requests to present now. Alternates between appspaces and respects the limit
   * of each appspace.
   */
  private List<ApprovalRequest> due(Instance instance) {
    GitDecisions gitDecisions = commitWriter.decisions(instance);
    Instant now = Instant.ofEpochMilli(clock.millis());
    int most = instance.settings().approvals().maxOpenPerAppspace();
    Map<String, Integer> open = new HashMap<>();
    List<ApprovalRequest> queued = new ArrayList<>();
    requests.list().stream()
        .filter(request -> request.state() == State.OPEN)
        .forEach(request -> open.merge(request.appspace(), 1, Integer::sum));
    Map<String, List<ApprovalRequest>> waiting = new java.util.LinkedHashMap<>();
    for (ApprovalRequest request : requests.list()) {
      boolean undecided =
          request.state() == State.QUEUED && gitDecisions.apply(request).state() == State.QUEUED;
      boolean due = !isWaiting(request, now);
      boolean declared = instance.appspace(request.appspace()).isPresent();
      if (undecided && due && declared && open.merge(request.appspace(), 1, Integer::sum) <= most) {
        waiting.computeIfAbsent(request.appspace(), a -> new ArrayList<>()).add(request);
      }
    }
    for (int turn = 0; turn < most; turn++) {
      for (List<ApprovalRequest> each : waiting.values()) {
        if (turn < each.size()) {
          queued.add(each.get(turn));
        }
      }
    }
    return queued;
  }

  /**
   * Returns whether the next attempt has to wait. A longer delay was recorded at a later date,
   * before the date was set back, and is over.
   */
  private static boolean isWaiting(ApprovalRequest request, Instant now) {
    Instant latest = now.plus(LONGEST_REQUESTED_WAIT);
    return request
        .failure()
        .map(WriteFailure::retryAt)
        .filter(at -> at.isAfter(now) && !at.isAfter(latest))
        .isPresent();
  }

  private interface Step {
    void run() throws IOException;
  }

  /**
   * Runs a step. If it fails, records the failure of this request, so that others are still
   * written.
   */
  private void attempt(ApprovalRequest request, Step step) throws IOException {
    Instant now = Instant.ofEpochMilli(clock.millis());
    if (isWaiting(request, now)) {
      return;
    }
    try {
      step.run();
      consecutiveFailures = 0;
      if (request.failure().isPresent()) {
        requests.update(request.id(), ApprovalRequest::withoutFailure);
      }
    } catch (WriteBackBlockedException e) {
      if (e.everyRequest()) {
        throw e;
      }
      recordFailure(request, String.valueOf(e.getMessage()), Duration.ZERO);
    } catch (WriteException e) {
      recordFailure(request, String.valueOf(e.getMessage()), e.retryAfter().orElse(Duration.ZERO));
      consecutiveFailures++;
      if (e.retryAfter().isPresent() || consecutiveFailures >= MAX_CONSECUTIVE_FAILURES) {
        consecutiveFailures = 0;
        throw e;
      }
    } catch (SourceException e) {
      recordFailure(request, String.valueOf(e.getMessage()), Duration.ZERO);
    }
  }

  private void recordFailure(ApprovalRequest request, String message, Duration least) {
    boolean known =
        requests
            .find(request.id())
            .flatMap(ApprovalRequest::failure)
            .filter(failure -> failure.message().equals(message))
            .isPresent();
    if (!known) {
      LOG.warn(
          "request {} of {} cannot be written to Git yet: {}",
          request.id(),
          request.appspace(),
          message);
    }
    requests.update(
        request.id(),
        now -> {
          int attempts = now.failure().map(WriteFailure::attempts).orElse(0) + 1;
          Duration usual = backoff.after(attempts);
          Duration delay = usual.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : usual;
          Duration wait = delay.compareTo(least) < 0 ? least : delay;
          return now.failed(
              new WriteFailure(message, attempts, Instant.ofEpochMilli(clock.millis()).plus(wait)));
        });
  }
}
