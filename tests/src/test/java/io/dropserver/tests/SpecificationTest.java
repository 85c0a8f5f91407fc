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

/** The page of promises names tests that exist. */
class SpecificationTest {
  private static final Pattern NAMED = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final int FEWEST = 30;

  @Test
  void everyPromiseNamesATestThatExists() throws IOException {
    Path root = Checkout.root();
    String page = Files.readString(root.resolve("docs/specification.md"));
    List<MatchResult> named = NAMED.matcher(page).results().toList();
    Map<String, String> tests = testsByName(root);

    List<String> missing = new ArrayList<>();
    for (MatchResult test : named) {
      String source = tests.getOrDefault(test.group(1), "");
      if (!source.contains("void " + test.group(2) + "(")) {
        missing.add(test.group());
      }
    }

    assertThat(missing).as("tests that docs/specification.md names").isEmpty();
    assertThat(named).hasSizeGreaterThan(FEWEST);
    assertThat(promises(page)).as("promises without a test").allMatch(line -> line.contains("#"));
  }

  /** Two classes of one name count together. */
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

  private static List<String> promises(String page) {
    return page.lines()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| Promise"))
        .toList();
  }
}
