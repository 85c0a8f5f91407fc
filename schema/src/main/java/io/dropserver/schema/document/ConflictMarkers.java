package io.dropserver.schema.document;

import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the lines that Git writes into a file with a merge conflict. Such a line begins in the
 * first column, where the text of a valid document of the instance cannot contain it.
 */
final class ConflictMarkers {
  private static final Pattern MARKER =
      Pattern.compile("^(?:<{7}|\\|{7}|>{7})(?: .*)?$|^={7}$", Pattern.MULTILINE);

  private ConflictMarkers() {}

  /** Returns the problem at the first marker; empty without a marker. */
  static Optional<Problem> find(String file, String text) {
    Matcher marker = MARKER.matcher(text);
    if (!marker.find()) {
      return Optional.empty();
    }
    Location location = Positions.of(file, text, marker.start());
    return Optional.of(
        Problem.at(
            location,
            "a merge conflict is not resolved: here is one of the lines with which Git marks it",
            "merge the two sides, remove the lines that begin with <<<<<<<, ======= and >>>>>>>,"
                + " and commit again"));
  }
}
