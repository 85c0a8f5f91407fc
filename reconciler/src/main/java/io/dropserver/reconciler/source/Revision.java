package io.dropserver.reconciler.source;

import java.time.Instant;

/**
 * A commit of the config repository.
 *
 * @param id 40 hex digits
 * @param author name only, without the address
 * @param message whole, trailers included, cut at 8,192 characters
 */
public record Revision(String id, Instant committedAt, String author, String message) {

  /** Seven digits, as people write it. */
  public String shortId() {
    return id.substring(0, Math.min(7, id.length()));
  }

  /** The message's first line. */
  public String subject() {
    return message.lines().findFirst().orElse("");
  }
}
