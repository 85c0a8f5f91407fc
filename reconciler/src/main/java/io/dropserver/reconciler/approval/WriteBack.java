package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.reconciler.approval.ApprovalRequest.Trouble;
import io.dropserver.reconciler.approval.ApprovalRequest.Written;
import io.dropserver.reconciler.approval.Scribe.Committed;
import io.dropserver.reconciler.approval.Scribe.Look;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.schema.edit.WhitelistEntry.ListName;
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
 * Writes requests to Git in rounds: maintains open requests, presents queued ones and cleans up
 * after decided ones. An interrupted round is completed by the next one. Used by one thread at a
 * time.
 */
final class WriteBack {
  private static final Logger LOG = LoggerFactory.getLogger(WriteBack.class);

  /** Longest delay before the next attempt at a failed request. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  /** After this many failures in a row, the remote is at fault, and the whole round pauses. */
  private static final int MOST_IN_A_ROW = 10;

  /**
   * Limit of requests that one round presents, so that maintenance of all requests follows soon.
   */
  private static final int MOST_AT_ONCE = 40;

  private final RequestBook book;
  private final WriteRemote remote;
  private final Scribe scribe;
  private final Branches branches;
  private final Optional<PullRequestUpkeep> pulls;
  private final Backoff backoff;
  private final Clock clock;
  private int inARow;

  WriteBack(
      RequestBook book,
      WriteRemote remote,
      Scribe scribe,
      Optional<PullRequestUpkeep> pulls,
      Backoff backoff,
      Clock clock) {
    this.pulls = pulls;
    this.book = book;
    this.remote = remote;
    this.scribe = scribe;
    this.branches = new Branches(remote, scribe, book);
    this.backoff = backoff;
    this.clock = clock;
  }

  /**
   * Runs one round.
   *
   * @return whether more work is due at once
   * @throws WaitingException or {@link SourceException} when nothing can be written for now
   */
  boolean round() throws IOException {
    boolean news = pulls.filter(PullRequestUpkeep::hasNews).isPresent();
    if (!news && book.list().stream().noneMatch(this::concernsGit)) {
      return false;
    }
    pulls.ifPresent(PullRequestUpkeep::askAgain);
    Look look = scribe.look();
    ApprovalMode mode = look.base().instance().settings().approvals().mode();
    for (ApprovalRequest request : book.list()) {
      if (request.written().filter(w -> branches.isOurs(w.branch())).isPresent()) {
        attempt(request, () -> upkeep(request, look));
      }
    }
    List<ApprovalRequest> due = due(look.base().instance());
    for (ApprovalRequest request : due.subList(0, Math.min(MOST_AT_ONCE, due.size()))) {
      if (mode == ApprovalMode.COMMIT) {
        attempt(request, () -> pend(request, look.base().instance()));
      } else {
        attempt(request, () -> open(request, look));
      }
    }
    return due.size() > MOST_AT_ONCE;
  }

  private boolean concernsGit(ApprovalRequest request) {
    return request.state() == State.QUEUED
        || request.written().filter(w -> branches.isOurs(w.branch())).isPresent();
  }

  private void upkeep(ApprovalRequest request, Look look) throws IOException {
    if (request.state() == State.OPEN) {
      keep(request, look);
    }
    Optional<ApprovalRequest> decided =
        book.find(request.id())
            .filter(now -> !now.undecided())
            .filter(now -> now.written().isPresent());
    if (decided.isPresent()) {
      if (pulls.isPresent() && branches.isLeftOver(decided.get(), look)) {
        pulls.get().supersede(decided.get());
      }
      branches.tidy(decided.get(), look);
      book.update(request.id(), ApprovalRequest::tidied);
    }
  }

  private void open(ApprovalRequest request, Look look) throws IOException {
    branches.open(request, look);
    pull(request.id(), look);
  }

  private void keep(ApprovalRequest request, Look look) throws IOException {
    pull(request.id(), look);
    Optional<ApprovalRequest> still = open(request.id());
    if (still.isPresent()) {
      branches.keep(still.get(), look);
    }
  }

  /**
   * Maintains the pull request of an open request. A branch that is deleted, merged or taken over
   * has none.
   */
  private void pull(String id, Look look) {
    boolean wanted = look.base().instance().settings().approvals().mode() != ApprovalMode.BRANCH;
    Optional<ApprovalRequest> request = open(id);
    if (wanted && pulls.isPresent() && request.isPresent()) {
      Written written = request.get().written().orElseThrow();
      boolean rebuilt = branches.isOutdated(written, look.base().commit());
      pulls.get().keep(request.get(), look.base().instance(), rebuilt);
    }
  }

  private Optional<ApprovalRequest> open(String id) {
    return book.find(id).filter(request -> request.state() == State.OPEN);
  }

  /** Adds a request to the pending list, in mode {@code commit}. */
  private void pend(ApprovalRequest request, Instance instance) throws IOException {
    Committed committed =
        scribe.toFollowed(
            request, ListName.PENDING, Scribe.entries(request, instance), Scribe.SERVER);
    String commit = committed.done().orElse(committed.base().commit());
    book.update(
        request.id(),
        now ->
            now.state() == State.QUEUED
                ? now.put(new Written(remote.followedBranch(), commit, committed.base().commit()))
                : now);
  }

  /**
   * The queued requests that may be presented now, round-robin over the appspaces and within the
   * limit of each appspace.
   */
  private List<ApprovalRequest> due(Instance instance) {
    Decisions decisions = new Decisions(instance);
    Instant now = Instant.ofEpochMilli(clock.millis());
    int most = instance.settings().approvals().maxOpenPerAppspace();
    Map<String, Integer> open = new HashMap<>();
    List<ApprovalRequest> queued = new ArrayList<>();
    for (ApprovalRequest request : book.list()) {
      if (request.state() == State.OPEN) {
        open.merge(request.appspace(), 1, Integer::sum);
      }
    }
    Map<String, List<ApprovalRequest>> waiting = new java.util.LinkedHashMap<>();
    for (ApprovalRequest request : book.list()) {
      boolean undecided =
          request.state() == State.QUEUED && decisions.judge(request).state() == State.QUEUED;
      boolean due = request.trouble().filter(t -> t.retryAt().isAfter(now)).isEmpty();
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

  private interface Step {
    void run() throws IOException;
  }

  /** Runs a step so that a failing request does not block the others. */
  private void attempt(ApprovalRequest request, Step step) throws IOException {
    Instant now = Instant.ofEpochMilli(clock.millis());
    if (request.trouble().filter(t -> t.retryAt().isAfter(now)).isPresent()) {
      return;
    }
    try {
      step.run();
      inARow = 0;
      if (request.trouble().isPresent()) {
        book.update(request.id(), ApprovalRequest::untroubled);
      }
    } catch (WaitingException e) {
      if (e.everyRequest()) {
        throw e;
      }
      trouble(request, String.valueOf(e.getMessage()), Duration.ZERO);
    } catch (WriteException e) {
      trouble(request, String.valueOf(e.getMessage()), e.retryAfter().orElse(Duration.ZERO));
      inARow++;
      if (e.retryAfter().isPresent() || inARow >= MOST_IN_A_ROW) {
        inARow = 0;
        throw e;
      }
    } catch (SourceException e) {
      trouble(request, String.valueOf(e.getMessage()), Duration.ZERO);
    }
  }

  private void trouble(ApprovalRequest request, String message, Duration least) {
    LOG.warn("request {} of {} waits: {}", request.id(), request.appspace(), message);
    book.update(
        request.id(),
        now -> {
          int attempts = now.trouble().map(Trouble::attempts).orElse(0) + 1;
          Duration usual = backoff.after(attempts);
          Duration delay = usual.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : usual;
          Duration wait = delay.compareTo(least) < 0 ? least : delay;
          return now.failed(
              new Trouble(message, attempts, Instant.ofEpochMilli(clock.millis()).plus(wait)));
        });
  }
}
