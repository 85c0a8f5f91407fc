package io.dropserver.web.identity;

/**
 * A user whom the revision in service declares.
 *
 * @param name in the repository
 * @param displayName plain text
 * @param owner whether an appspace is theirs
 */
public record Person(String name, String displayName, boolean admin, boolean owner) {

  /** Somebody who owns nothing. */
  public Person(String name, String displayName, boolean admin) {
    this(name, displayName, admin, false);
  }
}
