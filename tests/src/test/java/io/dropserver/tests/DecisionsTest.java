package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages of docs/decisions follow one template and are numbered without gaps. */
class DecisionsTest {
  private static final Path DOCS = Checkout.root().resolve("docs");
  private static final int LONGEST = 60;
  private static final Pattern LINK = Pattern.compile("\\((?:[\\w./-]*/)?(\\d{4}-[\\w-]+\\.md)\\)");

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

  @Test
  void everyLinkToADecisionHasAPage() throws IOException {
    List<String> names = pages().map(DecisionsTest::name).toList();
    List<String> linked = new ArrayList<>();
    for (Path page : documents()) {
      LINK.matcher(Files.readString(page))
          .results()
          .map(DecisionsTest::target)
          .forEach(linked::add);
    }

    assertThat(linked).isNotEmpty();
    assertThat(names).containsAll(linked);
  }

  private static Stream<Path> pages() throws IOException {
    try (Stream<Path> files = Files.list(DOCS.resolve("decisions"))) {
      return files.sorted().toList().stream();
    }
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    documents.add(Checkout.root().resolve("README.md"));
    try (Stream<Path> files = Files.walk(DOCS)) {
      files.filter(file -> name(file).endsWith(".md")).forEach(documents::add);
    }
    return documents;
  }

  private static String target(MatchResult link) {
    return link.group(1);
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }
}
