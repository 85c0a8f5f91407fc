package io.dropserver.reconciler.source;

/**
 * A commit of the config repository.
 *
 * @param id 40 hex digits
 */
public record Revision(String id) {

  /** Returns the first seven digits of the ID. */
  public String shortId() {
    return id.substring(0, Math.min(7, id.length()));
  }
}
