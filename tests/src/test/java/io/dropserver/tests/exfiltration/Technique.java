package io.dropserver.tests.exfiltration;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One way to carry a secret out of the browser. Its file begins with a comment that describes it.
 * If a browser blocks the technique even without protections, the technique proves nothing there.
 * The reason is then on a separate line below that comment:
 *
 * <pre>{@code
 * <!-- A property list of the browser of 1999. -->
 * <!-- kept by Chromium: gone since 2001 -->
 * <!-- kept by Firefox: unsteady: looks the name up at some times only -->
 * }</pre>
 *
 * <p>A leak in spite of such a line is not a failure. A blocked technique without one is a failure.
 *
 * @param name {@code group/name}, also its path below the folder of the techniques
 * @param sentence what it tries
 * @param clicked whether it waits for a click on its bait
 * @param dragged whether it waits for a drag
 * @param accomplice a page of the collector that is part of the technique
 * @param kept by browser name, the reason why it does not leak even without protections
 */
record Technique(
    String name,
    String sentence,
    boolean clicked,
    boolean dragged,
    Optional<Accomplice> accomplice,
    Map<String, String> kept) {
  private static final Pattern SENTENCE = Pattern.compile("^<!-- (.+) -->$", Pattern.MULTILINE);
  private static final Pattern KEPT =
      Pattern.compile("^<!-- kept by (Chromium|Firefox): (.+) -->$", Pattern.MULTILINE);
  private static final Pattern ACCOMPLICE =
      Pattern.compile("<collector when=\"(before|after)\">(.*?)</collector>", Pattern.DOTALL);

  /**
   * @param opens whether a person visits this page first, and it opens the technique's page;
   *     otherwise the person visits it afterwards in the same tab
   */
  record Accomplice(boolean opens, String html) {}

  /** Returns the folder of the app that serves all techniques. */
  static Path app() {
    return Checkout.root().resolve("tests/src/test/exfiltration");
  }

  /** Returns all techniques, ordered by name. */
  static List<Technique> all() throws IOException {
    Path folder = app().resolve("techniques");
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".html"))
          .sorted()
          .map(file -> read(folder, file))
          .toList();
    }
  }

  private static Technique read(Path folder, Path file) {
    try {
      String text = Files.readString(file);
      String path = folder.relativize(file).toString();
      Matcher sentence = SENTENCE.matcher(text);
      if (!sentence.lookingAt()) {
        throw new IllegalStateException(file + " does not begin with a comment that tells it");
      }
      Matcher accomplice = ACCOMPLICE.matcher(text);
      Optional<Accomplice> with =
          accomplice.find()
              ? Optional.of(
                  new Accomplice(accomplice.group(1).equals("before"), accomplice.group(2)))
              : Optional.empty();
      return new Technique(
          path.substring(0, path.length() - ".html".length()),
          sentence.group(1),
          text.contains("id=\"bait\""),
          text.contains("id=\"drag\""),
          with,
          reasons(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns why the technique does not leak even without protections, if its file explains it.
   *
   * @param browser its name and version
   */
  Optional<String> kept(String browser) {
    return kept.entrySet().stream()
        .filter(entry -> browser.startsWith(entry.getKey() + " "))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static Map<String, String> reasons(String text) {
    return KEPT.matcher(text)
        .results()
        .collect(Collectors.toUnmodifiableMap(found -> found.group(1), found -> found.group(2)));
  }
}
