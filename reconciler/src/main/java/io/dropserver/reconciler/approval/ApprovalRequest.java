package io.dropserver.reconciler.approval;

import io.dropserver.control.PullRequestEvent;
import io.dropserver.reconciler.edit.WhitelistEntry;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A request of an appspace to reach one origin, or for all destinations and browser features that
 * its app's manifest suggests. Immutable.
 *
 * @param id eight hexadecimal digits, derived from appspace and origin
 * @param url the origin with a trailing slash and without a default port
 * @param methods all methods requested so far
 * @param granted the requested methods that Git allowed at the last decision
 * @param reason text of the app without invisible characters and markup, but still untrusted
 * @param times how often the app made the request
 * @param attempts how often the app made the request with each method, in upper case; does not
 *     include attempts that an older server counted
 * @param waitingSince when the request last began to wait for a decision
 * @param pull number of its pull request, kept when the branch is deleted; empty while unknown, and
 *     when the request is presented anew, because that opens another one
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
    SortedMap<String, Long> attempts,
    Instant waitingSince,
    Optional<Long> pull,
    Optional<GitLocation> location,
    Optional<WriteFailure> failure,
    List<WhitelistEntry> suggested) {

  /** The progress of a request. */
  public enum State {
    /** The request is recorded, but not yet presented for a decision. */
    QUEUED,
    /** The request is presented for a decision, for example as a branch or pull request. */
    OPEN,
    /** A reviewer allowed the destination, or a part of what was requested. */
    GRANTED,
    /** A reviewer denied the request. Repeating it does not present it again. */
    DENIED,
    /**
     * The branch was deleted without a decision, or will be deleted because the appspace was
     * removed, or what was granted has ended. If the app repeats the request, it is queued again.
     */
    LAPSED,
    /**
     * The request waited for longer than {@code approvals.expireAfter}. Repeating it does not
     * present it again; a person or a new method does.
     */
    UNANSWERED
  }

  /**
   * The location of a request in Git.
   *
   * @param branch the server's branch, or the followed branch in mode {@code commit}
   * @param commit the server's commit, 40 hex digits
   * @param base the head on which the commit is based
   */
  public record GitLocation(String branch, String commit, String base) {}

  /**
   * The failure of the last attempt to write the request to Git.
   *
   * @param attempts number of consecutive failures
   * @param retryAt when the next attempt is due
   */
  public record WriteFailure(String message, int attempts, Instant retryAt) {}

  /** Returns a new request, which is queued. */
  static ApprovalRequest fresh(
      String id,
      String appspace,
      String url,
      Collection<String> methods,
      Optional<String> reason,
      List<WhitelistEntry> suggested,
      Instant now) {
    boolean isSuggested = !suggested.isEmpty(); // a manifest attempts nothing
    return new ApprovalRequest(
        id,
        appspace,
        url,
        Collections.unmodifiableSortedSet(new TreeSet<>(methods)),
        Collections.emptySortedSet(),
        reason,
        State.QUEUED,
        now,
        now,
        1,
        isSuggested
            ? Collections.emptySortedMap()
            : incremented(Collections.emptySortedMap(), methods),
        now,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        suggested);
  }

  boolean isSuggestion() {
    return !suggested.isEmpty();
  }

  /**
   * Returns whether an event is about the request's pull request. The number is compared because
   * Gitea reports the branch as {@code refs/pull/N/head} once it was deleted.
   */
  boolean isOf(PullRequestEvent event) {
    return pull.filter(number -> number == event.number()).isPresent()
        || RequestBranches.name(this).equals(event.branch());
  }

  /** Returns the whitelist entries that grant the request. */
  List<WhitelistEntry> entries() {
    return isSuggestion() ? suggested : List.of(new WhitelistEntry(url, methods, reason));
  }

  boolean undecided() {
    return state == State.QUEUED || state == State.OPEN;
  }

  /** Returns whether the pull request is closed, so that reopening it reopens the request. */
  boolean isClosed() {
    return state == State.DENIED || state == State.UNANSWERED;
  }

  ApprovalRequest openedAt(GitLocation place) {
    return with(State.OPEN, granted, Optional.of(place), Optional.empty());
  }

  ApprovalRequest decided(State now, SortedSet<String> allowed) {
    return with(now, allowed, location, Optional.empty());
  }

  /** Returns this request as waiting for another presentation. */
  ApprovalRequest queued(Instant now) {
    return queued(Optional.empty(), now);
  }

  /** Returns this request as waiting again, after a person reopened its pull request. */
  ApprovalRequest reopened(Instant now) {
    return queued(pull, now);
  }

  private ApprovalRequest queued(Optional<Long> inPull, Instant now) {
    ApprovalRequest queued = with(State.QUEUED, granted, Optional.empty(), Optional.empty());
    return queued.with(inPull, now);
  }

  /** Returns this request with the number of its pull request. */
  ApprovalRequest withPull(long number) {
    return with(Optional.of(number), waitingSince);
  }

  /** Returns this request as closed. Its branch must still be deleted. */
  ApprovalRequest unanswered() {
    return with(State.UNANSWERED, granted, location, Optional.empty());
  }

  /**
   * Returns this request after a grant ended.
   *
   * @param left the methods that are still granted
   */
  ApprovalRequest ended(SortedSet<String> left) {
    return with(State.LAPSED, left, location, Optional.empty());
  }

  /** Returns this suggestion without some of its entries; at least one must be left. */
  ApprovalRequest without(List<WhitelistEntry> entries) {
    return new ApprovalRequest(
        id,
        appspace,
        url,
        methods,
        granted,
        reason,
        state,
        firstAsked,
        lastAsked,
        times,
        attempts,
        waitingSince,
        pull,
        location,
        failure,
        suggested.stream().filter(entry -> !entries.contains(entry)).toList());
  }

  ApprovalRequest lapsed() {
    return with(State.LAPSED, granted, Optional.empty(), Optional.empty());
  }

  /**
   * Returns this request as lapsed, because its appspace was removed. Its branch must still be
   * deleted.
   */
  ApprovalRequest withdrawn() {
    return with(State.LAPSED, granted, location, Optional.empty());
  }

  /** Returns this request without a location, because its branch was deleted or taken over. */
  ApprovalRequest withoutLocation() {
    return with(state, granted, Optional.empty(), failure);
  }

  ApprovalRequest withoutFailure() {
    return with(state, granted, location, Optional.empty());
  }

  ApprovalRequest failed(WriteFailure why) {
    return with(state, granted, location, Optional.of(why));
  }

  /**
   * Returns this request with an outdated branch, so that its next maintenance rebuilds the branch.
   */
  ApprovalRequest outdated() {
    return with(
        state, granted, location.map(w -> new GitLocation(w.branch(), w.commit(), "")), failure);
  }

  /**
   * @param all all methods requested so far
   * @param attempted the methods of this attempt
   */
  ApprovalRequest requestedAgain(
      SortedSet<String> all,
      Collection<String> attempted,
      Optional<String> newReason,
      Instant now) {
    return new ApprovalRequest(
        id,
        appspace,
        url,
        all,
        granted,
        reason.or(() -> newReason),
        state,
        firstAsked,
        now,
        times + 1,
        incremented(attempts, attempted),
        waitingSince,
        pull,
        location,
        failure,
        suggested);
  }

  private ApprovalRequest with(
      State newState,
      SortedSet<String> newGranted,
      Optional<GitLocation> newLocation,
      Optional<WriteFailure> newFailure) {
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
        attempts,
        waitingSince,
        pull,
        newLocation,
        newFailure,
        suggested);
  }

  private ApprovalRequest with(Optional<Long> newPull, Instant newWaitingSince) {
    return new ApprovalRequest(
        id,
        appspace,
        url,
        methods,
        granted,
        reason,
        state,
        firstAsked,
        lastAsked,
        times,
        attempts,
        newWaitingSince,
        newPull,
        location,
        failure,
        suggested);
  }

  private static SortedMap<String, Long> incremented(
      SortedMap<String, Long> attempts, Collection<String> methods) {
    SortedMap<String, Long> after = new TreeMap<>(attempts);
    methods.forEach(method -> after.merge(method, 1L, Long::sum));
    return Collections.unmodifiableSortedMap(after);
  }
}
