package io.dropserver.control;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Commands that a person sends to the running server; implemented by the reconciler. Thread-safe.
 */
public interface Control {

  /**
   * Polls the remote now.
   *
   * @param accept a commit to accept although it rewrites history or empties the tree
   * @param wait how long to wait at most until the revision that this poll finds has been handled
   */
  SyncResult sync(Optional<String> accept, Optional<Duration> wait);

  /** Polls the remote soon, because a webhook reports a change; returns immediately. */
  void poke();

  void suspend();

  void resume();

  /**
   * @throws ControlException when there is no such object
   */
  void retry(String kind, String name);

  /** Pauses an appspace on this machine, whatever Git declares. */
  void pause(String appspace);

  void unpause(String appspace);

  /**
   * Assigns retained data to an appspace that has no data or is paused. Its current data is then
   * retained.
   */
  void adoptData(String dataId, String appspace);

  /**
   * Lets a declared appspace start without data although retained data may be meant for it.
   *
   * @throws ControlException when the appspace has data
   */
  void startEmpty(String appspace);

  /** Deletes retained data permanently. */
  void discardData(String dataId);

  /**
   * Approves an egress request: commits the approval to the followed branch under a person's name.
   *
   * @param url a narrower URL than requested; empty means the requested one
   * @param methods upper case; empty means all requested methods
   * @param expires a duration such as {@code 30d}, or a date or time; empty if the grant does not
   *     end
   * @param by the person's name
   * @throws ControlException when there is no such request, or the commit cannot be written
   */
  void approve(
      String request,
      Optional<String> url,
      List<String> methods,
      Optional<String> expires,
      String by);

  /** Denies an egress request: commits the denial, as {@link #approve} does. */
  void deny(String request, String by);

  /** Opens a request for decision again, even after a denial. */
  void retryApproval(String request);
}
