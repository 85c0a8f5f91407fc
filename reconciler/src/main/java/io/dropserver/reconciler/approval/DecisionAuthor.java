package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.source.History.Author;
import java.util.Locale;

/** The author of commits for decisions that persons make on this server. */
public final class DecisionAuthor {
  private DecisionAuthor() {}

  /**
   * @param by the person's name, which the person may have chosen
   */
  public static Author of(String by) {
    String name = SanitizedText.of(by).orElse("").replaceAll("[<>]", "").strip();
    String shown = name.isEmpty() ? "somebody" : name;
    String local = shown.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    return new Author(shown, local + "@dropserver.invalid");
  }
}
