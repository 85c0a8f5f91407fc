package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of docs/decisions follow one template and are numbered without gaps. */
class DecisionsTest {
  private static final Path DOCS = Checkout.root().resolve("docs");
  private static final int LONGEST = 60;

  @Test
  void decisionsAreNumberedWithoutGaps() throws IOException {
    List<String> numbers = pages().map(page -> name(page).substring(0, 4)).toList();

    assertThat(numbers).isNotEmpty();
    assertThat(numbers)
        .isEqualTo(
            IntStream.rangeClosed(1, numbers.size())
                .mapToObj(number -> "%04d".formatted(number))
                .toList());
  }

  @Test
  void everyDecisionFollowsTheTemplate() throws IOException {
    for (Path page : pages().toList()) {
      List<String> lines = Files.readAllLines(page);

      assertThat(lines).as("lines of %s", page).hasSizeLessThanOrEqualTo(LONGEST);
      assertThat(lines.getFirst())
          .as("title of %s", page)
          .startsWith("# " + name(page).substring(0, 4) + " ");
      assertThat(lines.stream().filter(line -> line.startsWith("## ")))
          .as("sections of %s", page)
          .containsExactly("## Status", "## Context", "## Decision", "## Consequences");
      assertThat(lines.get(lines.indexOf("## Status") + 2))
          .as("status of %s", page)
          .matches("(Proposed|Accepted|Superseded)\\b.*");
    }
  }

  private static Stream<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(DOCS.resolve("decisions"))) {
      return files.sorted().toList().stream();
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
