package io.dropserver.control;

import java.time.Instant;
import java.util.Optional;

/**
 * The served and the newest seen revision.
 *
 * @param served full commit id; empty before the first revision is served
 * @param seen the newest commit seen at the remote
 */
public record RevisionStatus(
    Optional<String> served,
    Optional<Instant> servedAt,
    Optional<String> seen,
    Optional<Instant> seenAt) {

  /** Returns the same status for a server that has not read the served revision yet. */
  public RevisionStatus withoutServed() {
    return new RevisionStatus(Optional.empty(), Optional.empty(), seen, seenAt);
  }
}
