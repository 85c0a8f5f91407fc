package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Only {@code base.http1} reads and writes HTTP/1 as text. ArchUnit does not see the content of
 * literals, so this test reads the sources.
 */
class OneHttpParserTest {
  private static final List<String> MODULES =
      List.of(
          "base",
          "schema",
          "state",
          "control",
          "egress",
          "sandbox",
          "backup",
          "web",
          "reconciler",
          "server",
          "cli");
  private static final Path HTTP1 =
      Checkout.root().resolve("base/src/main/java/io/dropserver/base/http1");

  /** A version in a start line or in a pattern for one, or the end of a head. Not a message. */
  private static final Pattern HTTP_AS_TEXT =
      Pattern.compile("\"[^\"]*(?:HTTP/1(?!\\.1: )|\\\\r\\\\n\\\\r\\\\n)[^\"]*\"");

  @Test
  void noOtherPackageReadsOrWritesHttpAsText() throws IOException {
    List<String> found = new ArrayList<>();
    int inParser = 0;
    for (String module : MODULES) {
      try (Stream<Path> files = Files.walk(Checkout.root().resolve(module + "/src/main/java"))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          List<String> lines =
              Files.readAllLines(file).stream()
                  .filter(line -> HTTP_AS_TEXT.matcher(line).find())
                  .map(line -> file.getFileName() + ": " + line.strip())
                  .toList();
          if (file.startsWith(HTTP1)) {
            inParser += lines.size();
          } else {
            found.addAll(lines);
          }
        }
      }
    }

    assertThat(found).isEmpty();
    assertThat(inParser)
        .as("literals of the parser, which show that this test finds any")
        .isPositive();
  }
}
