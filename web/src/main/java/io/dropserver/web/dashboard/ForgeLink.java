package io.dropserver.web.dashboard;

import io.dropserver.control.StatusProblem;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A text with a link to a forge, if the target is known.
 *
 * @param url an absolute https or http URL; any other is removed
 */
public record ForgeLink(String text, Optional<String> url) {
  private static final Pattern SOURCE = Pattern.compile("(.+?):([0-9]{1,9}):[0-9]{1,9}");
  private static final Pattern WEB = Pattern.compile("https?://[^\\s\"'<>\\\\]+");

  public ForgeLink {
    url = url.filter(to -> WEB.matcher(to).matches());
  }

  /**
   * Links to the declaration of an object in Git.
   *
   * @param source {@code file:line:column}
   */
  static ForgeLink toSource(String source, Optional<String> revision, DashboardData dashboardData) {
    Matcher place = SOURCE.matcher(source);
    if (!place.matches()) {
      return new ForgeLink(DisplayText.line(source), Optional.empty());
    }
    return toLine(place.group(1), Integer.parseInt(place.group(2)), revision, dashboardData);
  }

  static ForgeLink toProblem(
      StatusProblem problem, Optional<String> revision, DashboardData dashboardData) {
    return toLine(problem.file(), problem.line(), revision, dashboardData);
  }

  private static ForgeLink toLine(
      String file, int line, Optional<String> revision, DashboardData dashboardData) {
    return new ForgeLink(
        DisplayText.line(file) + ":" + line,
        revision.flatMap(commit -> dashboardData.lineUrl(commit, file, line)));
  }

  static ForgeLink toCommit(String revision, DashboardData dashboardData) {
    return new ForgeLink(DisplayText.revision(revision), dashboardData.commitUrl(revision));
  }
}
