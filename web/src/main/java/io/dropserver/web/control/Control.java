package io.dropserver.web.control;

import io.dropserver.schema.status.SyncResult;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a person may ask of the running server; implemented by the reconciler. Thread-safe. */
public interface Control {

  /**
   * Polls now.
   *
   * @param accept a commit that is accepted although it rewrites history or empties the tree
   * @param wait until the revision that this poll finds has been handled, at most this long
   */
  SyncResult sync(Optional<String> accept, Optional<Duration> wait);

  /** The remote moved, says a webhook; returns at once. */
  void poke();

  void suspend();

  void resume();

  /**
   * @throws ControlException when there is no such object
   */
  void retry(String kind, String name);

  /** A hold on this machine, whatever Git says. */
  void pause(String appspace);

  void unpause(String appspace);

  /** Gives retained data to an appspace that has none of its own yet. */
  void adoptData(String dataId, String appspace);

  /** Deletes retained data for good. */
  void discardData(String dataId);

  /**
   * Commits a yes to a request for egress to the followed branch, in a person's name.
   *
   * @param url narrower than what was asked for; empty means just that
   * @param methods upper case; empty means all that were asked for
   * @param by the person's name
   * @throws ControlException when there is no such request, or it cannot be written
   */
  void approve(String request, Optional<String> url, List<String> methods, String by);

  /** Commits a remembered no. Otherwise as {@link #approve}. */
  void deny(String request, String by);

  /** Puts a request to people again, also after a no. */
  void retryApproval(String request);
}
