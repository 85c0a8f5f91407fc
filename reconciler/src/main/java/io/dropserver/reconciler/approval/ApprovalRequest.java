package io.dropserver.reconciler.approval;

import io.dropserver.schema.edit.WhitelistEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * One appspace asks to reach one origin; or, where its app's manifest suggests destinations, all of
 * these at once.
 *
 * @param id eight hexadecimal digits, the same for the same appspace and origin
 * @param url the origin with a final slash; a default port is left out
 * @param methods all that were ever asked for
 * @param granted methods that Git allowed there when somebody last decided
 * @param reason an app's words, already made inert; untrusted nevertheless
 * @param times how often it was asked
 * @param suggested the lines of a suggestion, whose {@code url} is that of the first; else none
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
    Optional<Written> written,
    Optional<Trouble> trouble,
    List<WhitelistEntry> suggested) {

  /** How far it is. */
  public enum State {
    /** Recorded, not yet put to anybody. */
    QUEUED,
    /** Somebody can see it and decide. */
    OPEN,
    /** A person allowed the destination, perhaps less of it than was asked for. */
    GRANTED,
    /** A remembered no. */
    DENIED,
    /**
     * Its branch was deleted without an answer, or is about to be since its appspace left; asked
     * again, it is queued again.
     */
    LAPSED
  }

  /**
   * Where it stands in Git.
   *
   * @param branch ours, or the followed one in mode {@code commit}
   * @param commit ours, 40 hex digits
   * @param base the head that the commit was made on
   */
  public record Written(String branch, String commit, String base) {}

  /**
   * The last attempt to write it back failed.
   *
   * @param retryAt when it is tried again
   */
  public record Trouble(String message, int attempts, Instant retryAt) {}

  boolean isSuggestion() {
    return !suggested.isEmpty();
  }

  /** What is written for it. */
  List<WhitelistEntry> entries() {
    return isSuggestion() ? suggested : List.of(new WhitelistEntry(url, methods, reason));
  }

  boolean undecided() {
    return state == State.QUEUED || state == State.OPEN;
  }

  ApprovalRequest put(Written place) {
    return with(State.OPEN, granted, Optional.of(place), Optional.empty());
  }

  ApprovalRequest decided(State now, SortedSet<String> allowed) {
    return with(now, allowed, written, Optional.empty());
  }

  ApprovalRequest queued() {
    return with(State.QUEUED, granted, Optional.empty(), Optional.empty());
  }

  ApprovalRequest lapsed() {
    return with(State.LAPSED, granted, Optional.empty(), Optional.empty());
  }

  /** Its appspace left: what was put up for it is to be taken away. */
  ApprovalRequest withdrawn() {
    return with(State.LAPSED, granted, written, Optional.empty());
  }

  /** Its branch is gone or somebody else's. */
  ApprovalRequest tidied() {
    return with(state, granted, Optional.empty(), trouble);
  }

  ApprovalRequest untroubled() {
    return with(state, granted, written, Optional.empty());
  }

  ApprovalRequest failed(Trouble why) {
    return with(state, granted, written, Optional.of(why));
  }

  /** The branch must be made again, as if the head had moved. */
  ApprovalRequest outdated() {
    return with(state, granted, written.map(w -> new Written(w.branch(), w.commit(), "")), trouble);
  }

  ApprovalRequest asked(SortedSet<String> all, Optional<String> said, Instant now) {
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
        written,
        trouble,
        suggested);
  }

  private ApprovalRequest with(
      State newState,
      SortedSet<String> newGranted,
      Optional<Written> newWritten,
      Optional<Trouble> newTrouble) {
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
