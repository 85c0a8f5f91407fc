package io.dropserver.tests.exfiltration;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One way to carry a secret out of the browser.
 *
 * @param name {@code group/name}, also its path below the folder of the techniques
 * @param sentence what it tries
 * @param clicked whether it waits for a person to click its bait
 * @param dragged whether it waits for a person to drag something
 * @param accomplice a page of the collector that is part of it
 */
record Technique(
    String name,
    String sentence,
    boolean clicked,
    boolean dragged,
    Optional<Accomplice> accomplice) {
  private static final Pattern SENTENCE = Pattern.compile("^<!-- (.+) -->$", Pattern.MULTILINE);
  private static final Pattern ACCOMPLICE =
      Pattern.compile("<collector when=\"(before|after)\">(.*?)</collector>", Pattern.DOTALL);

  /**
   * @param opens whether the person comes from it, and it opens the technique's page; otherwise
   *     they go there afterwards, in the same tab
   */
  record Accomplice(boolean opens, String html) {}

  /** The app that serves them. */
  static Path app() {
    return Checkout.root().resolve("tests/src/test/exfiltration");
  }

  /** Every one, in order of name. */
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
          with);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
