package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.source.History.Author;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The author of commits for decisions that persons make on this server. */
public final class DecisionAuthor {
  private static final Pattern WITH_ADDRESS = Pattern.compile("([^<>]+) <([!-;=?-~]{1,254})>");

  private DecisionAuthor() {}

  /**
   * @param by the person's name, which the person may have chosen; a command adds an address, as in
   *     {@code NAME <ADDRESS>}
   */
  public static Author of(String by) {
    Matcher command = WITH_ADDRESS.matcher(by);
    return command.matches()
        ? new Author(named(command.group(1)).name(), command.group(2))
        : named(by);
  }

  private static Author named(String by) {
    String name = SanitizedText.of(by).orElse("").replaceAll("[<>]", "").strip();
    String shown = name.isEmpty() ? "somebody" : name;
    String local = shown.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return new Author(shown, local + "@dropserver.invalid");
  }
}
