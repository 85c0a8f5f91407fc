package io.dropserver.reconciler.update;

import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.forge.PullRequests.Pull;
import io.dropserver.reconciler.source.History;
import io.dropserver.reconciler.source.PushStyle;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.reconciler.source.WriteRemote;
import io.dropserver.reconciler.source.WriteRemote.Heads;
import io.dropserver.reconciler.source.WriteRemote.Outcome;
import io.dropserver.state.condition.UpdateReason;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes offers to branches and pull requests, and finds out what persons did with them. A branch
 * is moved or deleted only while it points at a commit by the server.
 *
 * @param forge empty without API access
 * @param urls of the pull requests of open offers, by their places; thread-safe
 */
record UpdateBranches(
    WriteRemote remote, Optional<PullRequests> forge, Clock clock, Map<String, String> urls) {
  private static final Logger LOG = LoggerFactory.getLogger(UpdateBranches.class);

  /** Prefix of the server's branches. The app and the version follow it. */
  static final String PREFIX = History.BRANCHES + "update/";

  private static final String PULL = "refs/pull/";

  /** What became of an open offer. */
  enum Fate {
    /** It waits, or a person works on its branch. */
    OPEN,

    /** The followed head changed a file that the branch changes, so they conflict. */
    CONFLICT,
    DECLINED
  }

  UpdateBranches(WriteRemote remote, Optional<PullRequests> forge, Clock clock) {
    this(remote, forge, clock, new ConcurrentHashMap<>());
  }

  /**
   * Returns the URL of an offer's pull request. Empty after a restart until the pull request was
   * looked up again.
   */
  Optional<String> url(Offer offer) {
    return Optional.ofNullable(urls.get(offer.place()));
  }

  static String branch(String app, String version) {
    return PREFIX + app + "/" + version;
  }

  Heads heads() {
    return remote.readHeads(PREFIX);
  }

  String commit(String base, Map<String, byte[]> files, UpdateText text) {
    Instant now = Instant.ofEpochMilli(clock.millis());
    return remote.history().commit(base, files, History.SERVER, text.commitMessage(), now);
  }

  /**
   * Pushes a commit to the followed branch, if this server would serve it.
   *
   * @return why it was not pushed, so that a person decides; empty if it was
   * @throws UpdateException when another push came first
   */
  Optional<String> merge(String base, String commit) {
    Optional<String> objection = remote.objection(commit);
    if (objection.isPresent()) {
      return Optional.of(
          "only signed commits are served, and of the server's commit: %s; set repo.write.signingKeyFile to a key that repo.verify names"
              .formatted(objection.get()));
    }
    try {
      if (remote.push(remote.followedBranch(), Optional.of(base), commit) == Outcome.DONE) {
        return Optional.empty();
      }
    } catch (WriteException e) {
      LOG.warn("an update cannot be merged: {}", e.getMessage());
      return Optional.of(String.valueOf(e.getMessage())); // a protected branch, for example
    }
    throw blocked("the branch " + remote.followedBranch() + " was moved at the same time", true);
  }

  /** Returns whether a person closed the pull request of this version earlier. */
  boolean wasClosed(String app, String version, boolean pulls) {
    return hasState(branch(app, version), PullRequests.State.CLOSED, pulls);
  }

  /** Returns whether a person reopened the pull request of a declined offer. */
  boolean isReopened(Offer offer, boolean pulls) {
    return hasState(offer.place(), PullRequests.State.OPEN, pulls);
  }

  private boolean hasState(String place, PullRequests.State state, boolean pulls) {
    Optional<Pull> found =
        forge.filter(_ -> pulls).flatMap(api -> api.find(place, remote.followedBranch()));
    found
        .filter(pull -> pull.state() == PullRequests.State.OPEN)
        .ifPresent(pull -> urls.put(place, pull.url()));
    return found.filter(pull -> pull.state() == state).isPresent();
  }

  /**
   * Writes the branch, and opens the pull request if there is none.
   *
   * @param pulls whether pull requests are wanted
   * @return the branch, or the pull request's head
   * @throws UpdateException when the branch has commits of a person, or was moved at the same time
   */
  String open(Heads heads, String commit, UpdateText text, boolean pulls) {
    String branch = branch(text.report().app(), text.report().to());
    PushStyle style = pulls ? remote.style() : PushStyle.BRANCHES;
    if (style == PushStyle.AGIT) {
      return remote.openPullRequest(
          commit,
          List.of(
              "topic=" + branch,
              "force-push=true",
              "title=" + text.title(),
              "description=" + text.description()));
    }
    Optional<String> tip = Optional.ofNullable(heads.branches().get(branch));
    tip.ifPresent(there -> requireOurs(branch, there, text));
    List<String> options =
        style == PushStyle.GITLAB
            ? List.of(
                "merge_request.create",
                "merge_request.target=" + remote.followedBranch(),
                "merge_request.remove_source_branch",
                "merge_request.title=" + text.title(),
                "merge_request.description=" + text.description())
            : List.of();
    if (remote.push(branch, tip, commit, options) != Outcome.DONE) {
      throw blocked("the branch " + branch + " was moved at the same time", true);
    }
    if (pulls && forge.isPresent()) {
      String into = remote.followedBranch();
      Optional<Pull> present =
          forge.get().find(branch, into).filter(pull -> pull.state() == PullRequests.State.OPEN);
      Pull pull =
          present.orElseGet(() -> forge.get().open(branch, into, text.title(), text.body()));
      urls.put(branch, pull.url());
    }
    return branch;
  }

  private void requireOurs(String branch, String tip, UpdateText text) {
    if (!remote.history().has(tip)) {
      var _ = remote.fetch(branch);
    }
    String trailer = UpdateText.TRAILER + text.report().app() + " " + text.report().to();
    boolean named = remote.history().message(tip).lines().anyMatch(trailer::equals);
    if (!named || !remote.history().committer(tip).equals(History.SERVER)) {
      throw blocked(
          "the branch %s has commits that this server did not write; delete or merge it"
              .formatted(branch),
          false);
    }
  }

  /**
   * Finds out what happened to an open offer. An open pull request without its branch was reopened
   * after the server had deleted it, so the branch is pushed again.
   */
  Fate fate(Offer offer, Heads heads, boolean pulls) {
    if (remote.history().contains(heads.followed(), offer.commit())) {
      return Fate.OPEN;
    }
    if (hasState(offer.place(), PullRequests.State.CLOSED, pulls)) {
      return Fate.DECLINED;
    }
    boolean present = tip(offer, heads).isPresent();
    if (!present && !hasState(offer.place(), PullRequests.State.OPEN, pulls)) {
      return Fate.DECLINED;
    }
    if (present ? conflicts(offer, heads) : !isMergeable(offer, heads)) {
      return Fate.CONFLICT;
    }
    if (!present) {
      var _ = remote.push(offer.place(), Optional.empty(), offer.commit());
    }
    return Fate.OPEN;
  }

  /** Returns whether the server's own commit on a branch conflicts with the followed head. */
  boolean conflicts(Offer offer, Heads heads) {
    return tip(offer, heads).filter(tip -> tip.equals(offer.commit())).isPresent()
        && !isMergeable(offer, heads);
  }

  private boolean isMergeable(Offer offer, Heads heads) {
    return remote.history().has(offer.commit())
        && !remote.history().conflictsWith(offer.commit(), heads.followed());
  }

  /**
   * Returns the files of an offer that can be committed on top of the followed head.
   *
   * @throws UpdateException when its branch is not as the server wrote it, or conflicts
   */
  Map<String, byte[]> mergeable(Offer offer, Heads heads) {
    if (tip(offer, heads).filter(tip -> tip.equals(offer.commit())).isEmpty()) {
      throw blocked(
          "%s is not as the server wrote it; merge or delete it in Git".formatted(offer.place()),
          false);
    }
    if (conflicts(offer, heads)) {
      throw blocked(
          "the branch %s changed the same file since; the server writes the offer again within a minute"
              .formatted(remote.followedBranch()),
          true);
    }
    return remote.history().changes(offer.commit());
  }

  /** Returns whether a person pushed to the branch of an offer. */
  boolean hasCommitsOfPersons(Offer offer, Heads heads) {
    return tip(offer, heads)
        .filter(tip -> !tip.equals(offer.commit()))
        .filter(tip -> !remote.history().contains(heads.followed(), tip))
        .isPresent();
  }

  /**
   * Removes the branch of an offer, unless a person pushed to it, and closes its pull request.
   *
   * @param why the comment of the pull request, in Markdown
   */
  void withdraw(Offer offer, Heads heads, boolean pulls, String why) {
    urls.remove(offer.place());
    if (offer.commit().isEmpty() || hasCommitsOfPersons(offer, heads)) {
      return;
    }
    if (pulls && forge.isPresent()) {
      forge
          .get()
          .find(offer.place(), remote.followedBranch())
          .filter(pull -> pull.state() == PullRequests.State.OPEN)
          .ifPresent(pull -> forge.get().close(pull, why));
    }
    Optional<String> tip = tip(offer, heads);
    if (tip.isPresent() && !offer.place().startsWith(PULL)) {
      var _ = remote.delete(offer.place(), tip.get());
    }
  }

  private static Optional<String> tip(Offer offer, Heads heads) {
    return Optional.ofNullable(heads.branches().get(offer.place()));
  }

  private static UpdateException blocked(String message, boolean soon) {
    return new UpdateException(UpdateReason.NOT_WRITTEN, soon, message);
  }
}
