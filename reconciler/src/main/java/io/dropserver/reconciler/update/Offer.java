package io.dropserver.reconciler.update;

import io.dropserver.schema.instance.SemanticVersion;
import java.time.Instant;

/**
 * A version of an app that was offered.
 *
 * @param commit the server's commit on the branch; empty if the version was declined before
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
    DECLINED
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  Offer declined(Instant now) {
    return new Offer(app, version, State.DECLINED, commit, place, summary, now);
  }

  /** Returns the offer after a person reopened its pull request. */
  Offer reopened(Instant now) {
    return new Offer(app, version, State.OPEN, commit, place, summary, now);
  }
}
