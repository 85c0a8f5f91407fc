package io.dropserver.cli.app;

import io.dropserver.base.text.VisibleText;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.state.condition.AppReason;
import io.dropserver.state.condition.Severity;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A problem of an app that {@code app check} found.
 *
 * @param code a stable word: an {@link AppReason}, or what the browser blocks
 * @param severity {@link Severity#ERROR} if the app cannot be installed because of it
 * @param file path in the app's folder
 * @param line 1-based
 * @param column 1-based
 */
record Finding(
    String code,
    Severity severity,
    Optional<String> file,
    Optional<Integer> line,
    Optional<Integer> column,
    String message,
    String remedy) {
  private static final Pattern PLACE =
      Pattern.compile("file:///app/([^\\s:]+):(\\d{1,9}):(\\d{1,9})");

  static Finding at(
      String code, Severity severity, Location location, String message, String remedy) {
    return new Finding(
        code,
        severity,
        Optional.of(location.file()),
        Optional.of(location.line()),
        Optional.of(location.column()),
        message,
        remedy);
  }

  static Finding of(Problem problem) {
    return at(
        AppReason.MANIFEST_INVALID.text(),
        Severity.ERROR,
        problem.location(),
        problem.message(),
        problem.hint().orElse("correct the manifest; docs/apps/manifest.md lists its fields"));
  }

  static Finding of(SandboxException refusal, String remedy) {
    return failure(refusal.reason().text(), String.valueOf(refusal.getMessage()), remedy);
  }

  /** Returns an error, with the first place that the message names. */
  static Finding failure(String code, String message, String remedy) {
    return PLACE
        .matcher(message)
        .results()
        .findFirst()
        .map(
            place ->
                new Location(
                    place.group(1),
                    Integer.parseInt(place.group(2)),
                    Integer.parseInt(place.group(3))))
        .map(location -> at(code, Severity.ERROR, location, message, remedy))
        .orElseGet(() -> ofApp(code, Severity.ERROR, message, remedy));
  }

  /** Returns a finding that concerns the whole app. */
  static Finding ofApp(String code, Severity severity, String message, String remedy) {
    return new Finding(
        code, severity, Optional.empty(), Optional.empty(), Optional.empty(), message, remedy);
  }

  /**
   * Returns {@code file:line:column: message; remedy}, safe to print. Only an error has more than
   * one line, because its message contains output.
   */
  String text() {
    String place =
        file.map(name -> name + ":" + line.orElse(1) + ":" + column.orElse(1) + ": ").orElse("");
    return severity == Severity.ERROR
        ? VisibleText.line(place) + VisibleText.lines(message) + "\n  → " + VisibleText.line(remedy)
        : VisibleText.line(place + message + "; " + remedy);
  }
}
