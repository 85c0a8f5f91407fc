package io.dropserver.reconciler.source;

import java.time.Instant;

/**
 * A commit of the config repository.
 *
 * @param id 40 hex digits
 * @param author name only, without the email address
 * @param message the whole message including trailers, cut at 8,192 characters
 */
public record Revision(String id, Instant committedAt, String author, String message) {

  /** Returns the first seven digits of the ID. */
  public String shortId() {
    return id.substring(0, Math.min(7, id.length()));
  }
}
