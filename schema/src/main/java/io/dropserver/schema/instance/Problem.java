package io.dropserver.schema.instance;

import java.util.Optional;

/**
 * An error that must be fixed before a revision can be served.
 *
 * @param location the location of the offending value
 * @param message what is wrong, naming the object
 * @param hint the remedy, such as a "did you mean"
 */
public record Problem(Location location, String message, Optional<String> hint)
    implements Comparable<Problem> {

  public static Problem at(Location location, String message) {
    return new Problem(location, message, Optional.empty());
  }

  public static Problem at(Location location, String message, String hint) {
    return new Problem(location, message, Optional.of(hint));
  }

  @Override
  public int compareTo(Problem other) {
    int byLocation = location.compareTo(other.location);
    return byLocation != 0 ? byLocation : message.compareTo(other.message);
  }

  /** Returns {@code file:line:column: error: message (hint)}. */
  @Override
  public String toString() {
    return location + ": error: " + message + hint.map(text -> " (" + text + ")").orElse("");
  }
}
