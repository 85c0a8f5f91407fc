package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.GitLocation;
import io.dropserver.reconciler.approval.CommitWriter.RemoteState;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import io.dropserver.reconciler.source.History;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.source.WriteRemote.Outcome;
import io.dropserver.schema.instance.InstanceSettings.ApprovalMode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maintains one branch for each request, based on the followed branch. Each step first checks the
 * remote and is idempotent. A branch is moved or deleted only while it points at a commit by the
 * server.
 */
record RequestBranches(
    WriteRemote remote, CommitWriter commitWriter, ApprovalRequestRegistry requests) {
  private static final Logger LOG = LoggerFactory.getLogger(RequestBranches.class);

  /**
   * Prefix of the heads of pull requests that were opened with {@code git push} alone. Forges never
   * delete them.
   */
  private static final String PULL = "refs/pull/";

  private static final Pattern PULL_HEAD = Pattern.compile("refs/pull/([0-9]{1,18})/head");

  static String name(ApprovalRequest request) {
    return CommitWriter.PREFIX + request.appspace() + "/" + request.id();
  }

  /**
   * Writes a queued request to its branch. Replaces the result of an earlier attempt. If a person
   * pushed to the branch before its pull request was reopened, these commits stay.
   */
  void open(ApprovalRequest request, RemoteState remoteState) throws IOException {
    String branch = name(request);
    Optional<String> tip = remoteState.tip(branch);
    if (tip.isPresent() && !remote.history().has(tip.get())) {
      remote.fetch(branch);
    }
    Optional<String> ours =
        tip.flatMap(
            head -> remote.history().newestByServer(head, RequestText.TRAILER + request.id()));
    if (tip.isEmpty() || ours.equals(tip)) {
      write(request, branch, tip, remoteState);
    } else if (ours.isPresent() && request.pull().isPresent()) {
      recordLocation(request, branch, ours.get(), remoteState.base().commit());
    } else {
      throw new WriteBackBlockedException(
          "the branch %s has commits that this server did not write; delete or merge it"
              .formatted(branch),
          false);
    }
  }

  /**
   * Maintains the branch of an open request: rebuilds it if it is outdated, and records that it was
   * merged or deleted.
   */
  void maintain(ApprovalRequest request, RemoteState remoteState) throws IOException {
    GitLocation gitLocation = request.location().orElseThrow();
    Optional<String> tip = remoteState.tip(gitLocation.branch());
    String head = remoteState.base().commit();
    boolean merged = remote.history().contains(head, gitLocation.commit());
    GitDecisions decisions = commitWriter.decisions(remoteState.base().instance());
    if (request.isSuggestion() && (merged || isDecided(request, tip, remoteState))) {
      requests.update(request.id(), decisions::markDecided);
      return;
    }
    if (!decisions.apply(request).undecided()) {
      return; // squashed, for example, but not yet served
    }
    if (tip.isEmpty()) {
      if (!merged && gitLocation.base().isEmpty()) {
        // A person deleted the branch, and then a person or the app requested it again.
        write(request, gitLocation.branch(), tip, remoteState);
      } else if (!merged) {
        requests.update(request.id(), ApprovalRequest::lapsed);
      }
      return;
    }
    if (merged) {
      return; // but not yet served
    }
    if (!tip.get().equals(gitLocation.commit())) {
      refuseConflict(gitLocation.branch(), tip.get(), head);
    } else if (isOutdated(gitLocation, head)) {
      write(request, gitLocation.branch(), tip, remoteState);
    }
  }

  /** Reports a branch to which a reviewer has pushed, and which cannot be merged any more. */
  private void refuseConflict(String branch, String tip, String head) {
    if (branch.startsWith(PULL)) {
      return; // the forge shows it
    }
    if (!remote.history().has(tip)) {
      remote.fetch(branch);
    }
    if (!remote.history().merges(tip, head)) {
      throw new WriteBackBlockedException(
          ("the branch %s has commits that this server did not write, and conflicts with %s; merge"
                  + " %2$s into it, or delete it")
              .formatted(branch, remote.followedBranch()),
          false);
    }
  }

  /**
   * The state of an open request's branch.
   *
   * @param waiting whether it contains the server's commit alone, and the followed head decides
   *     nothing. If not, a person has deleted it, pushed to it or merged it
   * @param outdated whether it must be rebuilt
   */
  record BranchState(boolean waiting, boolean outdated) {}

  BranchState state(ApprovalRequest request, RemoteState remoteState) {
    GitLocation gitLocation = request.location().orElseThrow();
    String head = remoteState.base().commit();
    boolean waiting =
        remoteState.tip(gitLocation.branch()).filter(gitLocation.commit()::equals).isPresent()
            && !remote.history().contains(head, gitLocation.commit())
            && commitWriter.decisions(remoteState.base().instance()).apply(request).undecided();
    return new BranchState(waiting, isOutdated(gitLocation, head));
  }

  /**
   * Returns whether the branch must be rebuilt, for example because it conflicts with the followed
   * head.
   */
  private boolean isOutdated(GitLocation gitLocation, String head) {
    History history = remote.history();
    return gitLocation.base().isEmpty()
        || !history.has(gitLocation.commit())
        || (!gitLocation.base().equals(head) && history.conflictsWith(gitLocation.commit(), head));
  }

  /**
   * Returns whether a suggestion was squash-merged, or merged together with a reviewer's commits.
   * That is the case if the followed head contains the branch's tip, or if the branch is deleted
   * and the head contains some of its entries.
   */
  private boolean isDecided(
      ApprovalRequest suggestion, Optional<String> tip, RemoteState remoteState) {
    if (tip.isPresent()) {
      return remote.history().contains(remoteState.base().commit(), tip.get());
    }
    int open = commitWriter.decisions(remoteState.base().instance()).open(suggestion).size();
    return open < suggestion.suggested().size();
  }

  /** Returns whether the followed head contains neither the branch nor the server's commit. */
  boolean isUnmerged(ApprovalRequest request, RemoteState remoteState) {
    GitLocation gitLocation = request.location().orElseThrow();
    String head = remoteState.base().commit();
    return remoteState
            .tip(gitLocation.branch())
            .filter(tip -> remote.history().contains(head, tip))
            .isEmpty()
        && !remote.history().contains(head, gitLocation.commit());
  }

  /** Deletes the branch of a decided request, unless a reviewer has pushed to it. */
  void cleanUp(ApprovalRequest request, RemoteState remoteState) {
    GitLocation gitLocation = request.location().orElseThrow();
    Optional<String> tip = remoteState.tip(gitLocation.branch());
    boolean ours = tip.filter(gitLocation.commit()::equals).isPresent();
    boolean merged =
        tip.filter(t -> remote.history().contains(remoteState.base().commit(), t)).isPresent();
    if ((ours || merged) && !gitLocation.branch().startsWith(PULL)) {
      remote.delete(gitLocation.branch(), tip.orElseThrow());
    }
  }

  private void write(
      ApprovalRequest request, String branch, Optional<String> tip, RemoteState remoteState)
      throws IOException {
    String commit = commitWriter.commit(remoteState.base(), request, ListName.ALLOW);
    Optional<String> place =
        switch (style(remoteState)) {
          case BRANCHES -> pushed(branch, tip, commit, List.of());
          case GITLAB -> pushed(branch, tip, commit, gitLab(request, remoteState));
          case AGIT ->
              Optional.of(
                  remote.openPullRequest(
                      commit, PushOptions.aGit(request, remoteState.base().instance())));
        };
    if (place.isPresent()) {
      recordLocation(request, place.get(), commit, remoteState.base().commit());
      LOG.info(
          "request {} of {} waits on branch {}", request.id(), request.appspace(), place.get());
    }
  }

  private List<String> gitLab(ApprovalRequest request, RemoteState remoteState) {
    return PushOptions.gitLab(request, remoteState.base().instance(), remote.followedBranch());
  }

  /** Pushes a branch and returns its name; empty if a concurrent push won. */
  private Optional<String> pushed(
      String branch, Optional<String> tip, String commit, List<String> options) {
    return remote.push(branch, tip, commit, options) == Outcome.DONE
        ? Optional.of(branch)
        : Optional.empty();
  }

  /** Returns how to push. In mode {@code branch}, no pull requests are opened. */
  private PushStyle style(RemoteState remoteState) {
    boolean branches =
        remoteState.base().instance().settings().approvals().mode() == ApprovalMode.BRANCH;
    return branches ? PushStyle.BRANCHES : remote.style();
  }

  /**
   * Returns whether a reference belongs to the server's requests and is not the followed branch.
   */
  boolean isOurs(String place) {
    return place.startsWith(CommitWriter.PREFIX)
        || (remote.style() == PushStyle.AGIT && place.startsWith(PULL));
  }

  private void recordLocation(ApprovalRequest request, String branch, String commit, String base) {
    requests.update(
        request.id(),
        now ->
            now.undecided()
                ? numbered(sameMethods(now, request), branch)
                    .openedAt(new GitLocation(branch, commit, base))
                : now);
  }

  /** Remembers the number of a pull request that was opened with {@code git push} alone. */
  private static ApprovalRequest numbered(ApprovalRequest request, String place) {
    Matcher head = PULL_HEAD.matcher(place);
    return head.matches() ? request.withPull(Long.parseLong(head.group(1))) : request;
  }

  /** Marks the branch as outdated if the app has requested another method since it was written. */
  private static ApprovalRequest sameMethods(ApprovalRequest now, ApprovalRequest written) {
    return now.methods().equals(written.methods()) ? now : now.outdated();
  }
}
