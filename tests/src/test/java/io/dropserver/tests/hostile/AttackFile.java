package io.dropserver.tests.hostile;

import io.dropserver.tests.Checkout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One attack.
 *
 * @param name {@code group/name}, also its path below the folder of the suite
 * @param sentence what it tries
 * @param layer the layer that must stop it when the layers inside it are off
 * @param judgedByHost whether its result is only a claim of the kernel that it talks to, so that
 *     behind a second kernel only the host can decide
 * @param control whether it may run without any protection in a virtual machine
 */
record AttackFile(
    String name, String sentence, String layer, boolean judgedByHost, boolean control) {
  private static final Pattern SENTENCE = Pattern.compile("^// (.+)$", Pattern.MULTILINE);
  private static final Pattern LAYER =
      Pattern.compile("^export const layer = \"([a-z]+)\";$", Pattern.MULTILINE);
  private static final Pattern JUDGED_BY_HOST =
      Pattern.compile("^export const judge = \"host\";$", Pattern.MULTILINE);
  private static final Pattern NO_CONTROL =
      Pattern.compile("^export const control = false;$", Pattern.MULTILINE);

  static Path folder() {
    return Checkout.root().resolve("tests/src/test/hostile");
  }

  /** Returns all attacks, ordered by name. */
  static List<AttackFile> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> folder.relativize(file).getNameCount() == 2)
          .filter(file -> file.toString().endsWith(".ts"))
          .sorted()
          .map(file -> read(folder, file))
          .toList();
    }
  }

  String group() {
    return name.substring(0, name.indexOf('/'));
  }

  private static AttackFile read(Path folder, Path file) {
    try {
      String text = Files.readString(file);
      String path = folder.relativize(file).toString();
      return new AttackFile(
          path.substring(0, path.length() - ".ts".length()),
          first(SENTENCE, text, file),
          first(LAYER, text, file),
          JUDGED_BY_HOST.matcher(text).find(),
          !NO_CONTROL.matcher(text).find());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String first(Pattern pattern, String text, Path file) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalStateException(file + " lacks " + pattern + "; attack.ts shows the form");
    }
    return matcher.group(1);
  }
}
