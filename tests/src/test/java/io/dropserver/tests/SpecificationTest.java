package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that the tests named on the pages of promises and budgets exist. */
class SpecificationTest {
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final int FEWEST = 30;

  @Test
  void everyPromiseNamesATestThatExists() throws IOException {
    String page = Files.readString(Checkout.root().resolve("docs/internals/specification.md"));

    assertThat(missingTests(page)).as("tests that docs/internals/specification.md names").isEmpty();
    assertThat(NAMED.matcher(page).results()).hasSizeGreaterThan(FEWEST);
    assertThat(rows(page, "| Promise"))
        .as("promises without a test")
        .allMatch(line -> line.contains("#"));
  }

  @Test
  void everyBudgetNamesATestThatExists() throws IOException {
    String page = Files.readString(Checkout.root().resolve("docs/reference/budgets.md"));

    assertThat(missingTests(page)).as("tests that docs/reference/budgets.md names").isEmpty();
    assertThat(rows(page, "| Resource"))
        .as("budgets without a test")
        .allMatch(line -> NAMED.matcher(line).find());
  }

  private static List<String> missingTests(String page) throws IOException {
    Map<String, String> tests = testsByName(Checkout.root());
    List<String> missing = new ArrayList<>();
    for (MatchResult test : NAMED.matcher(page).results().toList()) {
      String source = tests.getOrDefault(test.group(1), "");
      if (!source.contains("void " + test.group(2) + "(")) {
        missing.add(test.group());
      }
    }
    return missing;
  }

  /** Classes with the same simple name are combined. */
  private static Map<String, String> testsByName(Path root) throws IOException {
    Map<String, String> tests = new HashMap<>();
    for (Path module : modules(root)) {
      try (Stream<Path> files = Files.walk(module)) {
        for (Path file : (Iterable<Path>) files.filter(f -> isTest(f))::iterator) {
          String name = String.valueOf(file.getFileName()).replace(".java", "");
          tests.merge(name, Files.readString(file), String::concat);
        }
      }
    }
    return tests;
  }

  private static List<Path> modules(Path root) throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.map(f -> f.resolve("src/test/java")).filter(Files::isDirectory).toList();
    }
  }

  private static boolean isTest(Path file) {
    return file.toString().endsWith("Test.java");
  }

  private static List<String> rows(String page, String head) {
    return page.lines().filter(line -> line.startsWith("| ") && !line.startsWith(head)).toList();
  }
}
