package io.dropserver.tests.exfiltration;

import io.dropserver.tests.exfiltration.LeakOutcome.Blocked;
import io.dropserver.tests.exfiltration.LeakOutcome.Leaked;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table of outcomes: technique × how its page was opened. */
final class LeakTable {
  private String browser = "";
  private final Map<OpeningMode, Map<Technique, LeakOutcome>> columns =
      new EnumMap<>(OpeningMode.class);

  /**
   * Adds outcomes. A leak is never replaced by a later outcome.
   *
   * @param browser its name and version
   */
  void add(String browser, OpeningMode column, Map<Technique, LeakOutcome> outcomes) {
    this.browser = browser;
    Map<Technique, LeakOutcome> known = columns.computeIfAbsent(column, _ -> new LinkedHashMap<>());
    outcomes.forEach(
        (technique, leakOutcome) ->
            known.merge(technique, leakOutcome, (old, now) -> old instanceof Leaked ? old : now));
  }

  /** Returns the names of the techniques with this kind of outcome. */
  List<String> names(OpeningMode column, Class<? extends LeakOutcome> kind) {
    return column(column).entrySet().stream()
        .filter(entry -> kind.isInstance(entry.getValue()))
        .map(entry -> entry.getKey().name())
        .toList();
  }

  /** Returns the techniques that did not leak without protections and do not explain why. */
  List<Technique> unproven() {
    return column(OpeningMode.UNPROTECTED).entrySet().stream()
        .filter(entry -> entry.getValue() instanceof Blocked)
        .map(Map.Entry::getKey)
        .filter(technique -> technique.kept(browser).isEmpty())
        .toList();
  }

  /** Returns how long a technique took to leak, or zero if it did not leak. */
  Duration timeToLeak(OpeningMode column, Technique technique) {
    return column(column).get(technique) instanceof Leaked leaked ? leaked.after() : Duration.ZERO;
  }

  /** Returns the time of the slowest leak. */
  private Duration slowest(OpeningMode column) {
    return column(column).keySet().stream()
        .map(technique -> timeToLeak(column, technique))
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  private Map<Technique, LeakOutcome> column(OpeningMode name) {
    return columns.getOrDefault(name, Map.of());
  }

  void print(PrintStream out) {
    out.printf("%-38s", browser);
    columns.keySet().forEach(column -> out.printf(" %-44s", column.title));
    out.println();
    column(columns.keySet().iterator().next())
        .keySet()
        .forEach(
            technique -> {
              out.printf("%-38s", technique.name());
              columns.values().forEach(column -> out.printf(" %-44s", cell(column.get(technique))));
              out.println();
            });
    for (OpeningMode column : columns.keySet()) {
      out.printf(
          "%s: %d techniques, %d leaks, the slowest after %d ms%n",
          column.title,
          column(column).size(),
          names(column, Leaked.class).size(),
          slowest(column).toMillis());
    }
    column(OpeningMode.UNPROTECTED)
        .forEach(
            (technique, leakOutcome) ->
                technique
                    .kept(browser)
                    .ifPresent(
                        reason ->
                            out.printf(
                                "%s %s: %s%n",
                                technique.name(),
                                leakOutcome instanceof Leaked ? "leaks, and says" : "says",
                                reason)));
  }

  private static String cell(@org.jspecify.annotations.Nullable LeakOutcome leakOutcome) {
    String text = String.valueOf(leakOutcome);
    return text.length() > 44 ? text.substring(0, 43) + "…" : text;
  }
}
