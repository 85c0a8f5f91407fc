package io.dropserver.tests.catalogue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** Collects the table of start times in {@code tests/target/catalogue-times.md}. */
final class CatalogueTimes {
  private static final Path FILE = Path.of("target/catalogue-times.md");
  private static final List<String> HEAD =
      List.of("| Entry | Package | Cold, s | Warm, ms |", "|---|---|---|---|");

  private CatalogueTimes() {}

  /** Adds a row, or replaces the row of this entry. */
  static void record(String entry, String source, String version, Duration cold, Duration warm)
      throws IOException {
    String start = "| %s |".formatted(entry);
    String row =
        "%s `npm:%s@%s` | %s | %d |"
            .formatted(
                start,
                source,
                version,
                String.format(Locale.ROOT, "%.1f", cold.toMillis() / 1000.0),
                warm.toMillis());
    Set<String> rows = new TreeSet<>();
    if (Files.exists(FILE)) {
      Files.readAllLines(FILE).stream()
          .skip(HEAD.size())
          .filter(line -> !line.startsWith(start))
          .forEach(rows::add);
    }
    rows.add(row);
    Files.createDirectories(FILE.toAbsolutePath().getParent());
    Files.writeString(FILE, String.join("\n", HEAD) + "\n" + String.join("\n", rows) + "\n");
  }
}
