package io.dropserver.reconciler.approval;

import io.dropserver.schema.edit.WhitelistEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * A request of an appspace to reach one origin, or to reach all destinations that its app's
 * manifest suggests.
 *
 * @param id eight hexadecimal digits, the same for the same appspace and origin
 * @param url the origin with a trailing slash and without a default port
 * @param methods all methods requested so far
 * @param granted methods that Git allowed there at the last decision
 * @param reason an app's text; invisible characters and markup are removed, but it is still
 *     untrusted
 * @param times how often it was requested
 * @param suggested the entries of a suggestion, whose {@code url} is that of the first entry; empty
 *     for other requests
 */
public record ApprovalRequest(
    String id,
    String appspace,
    String url,
    SortedSet<String> methods,
    SortedSet<String> granted,
    Optional<String> reason,
    State state,
    Instant firstAsked,
    Instant lastAsked,
    long times,
    Optional<GitLocation> location,
    Optional<WriteFailure> failure,
    List<WhitelistEntry> suggested) {

  /** The progress of a request. */
  public enum State {
    /** Recorded, but not yet presented to people. */
    QUEUED,
    /** Presented; people can decide. */
    OPEN,
    /** A person allowed the destination, or a part of what was requested. */
    GRANTED,
    /** Denied, and the denial is remembered. */
    DENIED,
    /**
     * Its branch was deleted without a decision, or will be deleted because its appspace was
     * removed. If requested again, it is queued again.
     */
    LAPSED
  }

  /**
   * Its location in Git.
   *
   * @param branch the server's branch, or the followed branch in mode {@code commit}
   * @param commit the server's commit, 40 hex digits
   * @param base the head that the commit was made on
   */
  public record GitLocation(String branch, String commit, String base) {}

  /**
   * The last attempt to write it to Git failed.
   *
   * @param retryAt when the next attempt is due
   */
  public record WriteFailure(String message, int attempts, Instant retryAt) {}

  boolean isSuggestion() {
    return !suggested.isEmpty();
  }

  /** The whitelist entries to write for it. */
  List<WhitelistEntry> entries() {
    return isSuggestion() ? suggested : List.of(new WhitelistEntry(url, methods, reason));
  }

  boolean undecided() {
    return state == State.QUEUED || state == State.OPEN;
  }

  ApprovalRequest openedAt(GitLocation place) {
    return with(State.OPEN, granted, Optional.of(place), Optional.empty());
  }

  ApprovalRequest decided(State now, SortedSet<String> allowed) {
    return with(now, allowed, location, Optional.empty());
  }

  ApprovalRequest queued() {
    return with(State.QUEUED, granted, Optional.empty(), Optional.empty());
  }

  ApprovalRequest lapsed() {
    return with(State.LAPSED, granted, Optional.empty(), Optional.empty());
  }

  /** The appspace was removed, so its branch must be deleted. */
  ApprovalRequest withdrawn() {
    return with(State.LAPSED, granted, location, Optional.empty());
  }

  /** The branch is gone or belongs to someone else now. */
  ApprovalRequest withoutLocation() {
    return with(state, granted, Optional.empty(), failure);
  }

  ApprovalRequest withoutFailure() {
    return with(state, granted, location, Optional.empty());
  }

  ApprovalRequest failed(WriteFailure why) {
    return with(state, granted, location, Optional.of(why));
  }

  /** The branch must be rebuilt, as if the head had moved. */
  ApprovalRequest outdated() {
    return with(
        state, granted, location.map(w -> new GitLocation(w.branch(), w.commit(), "")), failure);
  }

  ApprovalRequest requestedAgain(SortedSet<String> all, Optional<String> said, Instant now) {
    return new ApprovalRequest(
        id,
        appspace,
        url,
        all,
        granted,
        reason.or(() -> said),
        state,
        firstAsked,
        now,
        times + 1,
        location,
        failure,
        suggested);
  }

  private ApprovalRequest with(
      State newState,
      SortedSet<String> newGranted,
      Optional<GitLocation> newWritten,
      Optional<WriteFailure> newTrouble) {
    return new ApprovalRequest(
        id,
        appspace,
        url,
        methods,
        newGranted,
        reason,
        newState,
        firstAsked,
        lastAsked,
        times,
        newWritten,
        newTrouble,
        suggested);
  }
}
