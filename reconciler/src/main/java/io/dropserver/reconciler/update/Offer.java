package io.dropserver.reconciler.update;

import io.dropserver.schema.instance.SemanticVersion;
import java.time.Instant;

/**
 * A version of an app that was offered.
 *
 * @param commit the server's commit on the branch; empty if the version was declined before, or the
 *     offer was withdrawn
 * @param place the branch, or {@code refs/pull/N/head} of a pull request that has no branch
 * @param summary one sentence for people
 * @param changedAt when the state last changed
 */
record Offer(
    String app,
    SemanticVersion version,
    State state,
    String commit,
    String place,
    String summary,
    Instant changedAt) {
  enum State {
    OPEN,

    /** A person closed the pull request, or deleted the branch. */
    DECLINED,

    /**
     * The server withdrew it, or is about to. What happens to its branch and pull request is no
     * answer of a person.
     */
    SUPERSEDED
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  boolean isDeclined() {
    return state == State.DECLINED;
  }

  Offer declined(Instant now) {
    return new Offer(app, version, State.DECLINED, commit, place, summary, now);
  }

  /** Returns the offer as it is recorded before the server withdraws it. */
  Offer superseded(Instant now) {
    return new Offer(app, version, State.SUPERSEDED, commit, place, summary, now);
  }

  /** Returns a superseded offer after its pull request was closed and its branch deleted. */
  Offer withdrawn() {
    return new Offer(app, version, State.SUPERSEDED, "", place, summary, changedAt);
  }

  boolean isSuperseded() {
    return state == State.SUPERSEDED;
  }

  /** Returns the offer after a person reopened its pull request. */
  Offer reopened(Instant now) {
    return new Offer(app, version, State.OPEN, commit, place, summary, now);
  }
}
