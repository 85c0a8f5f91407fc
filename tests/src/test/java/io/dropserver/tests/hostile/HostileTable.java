package io.dropserver.tests.hostile;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** The table attack × variant that {@code bin/test hostile} prints. */
final class HostileTable {
  private HostileTable() {}

  static void print(Map<AttackFile, Map<Variant, AttackOutcome>> table, PrintStream out) {
    List<Variant> variants =
        table.values().stream().flatMap(row -> row.keySet().stream()).distinct().sorted().toList();
    out.printf("%-44s %-11s", "attack", "holds");
    variants.forEach(variant -> out.printf(" %-26s", words(variant)));
    out.println();
    table.forEach(
        (attack, row) -> {
          out.printf("%-44s %-11s", attack.name(), attack.layer());
          variants.forEach(variant -> out.printf(" %-26s", cell(row, variant)));
          out.println();
        });
    for (Variant variant : variants) {
      out.printf(
          "%s: %d attacks, %d stopped, %d open to the layer that is off, %d escapes%n",
          words(variant),
          table.size(),
          count(table, variant, AttackOutcome.Stopped.class),
          count(table, variant, AttackOutcome.ExpectedEscape.class),
          count(table, variant, AttackOutcome.Escaped.class));
    }
  }

  static long count(
      Map<AttackFile, Map<Variant, AttackOutcome>> table,
      Variant variant,
      Class<? extends AttackOutcome> kind) {
    return table.values().stream().filter(row -> kind.isInstance(row.get(variant))).count();
  }

  private static String cell(Map<Variant, AttackOutcome> row, Variant variant) {
    AttackOutcome attackOutcome = row.get(variant);
    return attackOutcome == null ? "-" : attackOutcome.cell();
  }

  private static String words(Variant variant) {
    return variant.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
