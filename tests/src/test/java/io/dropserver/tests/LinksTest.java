package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The links between pages lead to files and headings, as do the pages that sources name. */
class LinksTest {
  private static final Path ROOT = Checkout.root();
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?![a-z]+:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern NAMED =
      Pattern.compile("(?<![\\w-])(docs/[\\w./-]+\\.md)(?:#([\\w-]+))?");
  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```|`[^`\\n]*`");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.*)$");
  private static final Pattern TARGET = Pattern.compile("\\]\\([^)]*\\)");

  @Test
  void everyLinkOfAPageLeadsToAFileAndItsHeading() throws IOException, InterruptedException {
    List<String> broken =
        files()
            .filter(file -> file.toString().endsWith(".md"))
            .flatMap(
                page ->
                    CODE.matcher(text(page))
                        .replaceAll("")
                        .transform(LINK::matcher)
                        .results()
                        .filter(link -> !leadsSomewhere(target(page, link.group(1)), link.group(2)))
                        .map(link -> ROOT.relativize(page) + ": " + link.group()))
            .toList();

    assertThat(broken).as("broken links").isEmpty();
  }

  @Test
  void everyPageThatASourceNamesExists() throws IOException, InterruptedException {
    List<String> broken =
        files()
            .flatMap(
                source ->
                    NAMED
                        .matcher(text(source))
                        .results()
                        .filter(page -> !leadsSomewhere(ROOT.resolve(page.group(1)), page.group(2)))
                        .map(page -> ROOT.relativize(source) + ": " + page.group()))
            .toList();

    assertThat(broken).as("missing pages").isEmpty();
  }

  @Test
  void theIndexLinksEveryPage() throws IOException, InterruptedException {
    Path index = ROOT.resolve("docs/README.md");
    Set<Path> linked = new HashSet<>();
    LINK.matcher(text(index)).results().forEach(link -> linked.add(target(index, link.group(1))));

    List<Path> missing =
        files().filter(LinksTest::isPage).filter(page -> !linked.contains(page)).toList();

    assertThat(missing).as("pages that docs/README.md does not link").isEmpty();
  }

  /** {@code dropserver app rules} prints this page, and a server serves it as plain text. */
  @Test
  void thePageForAppsNeedsNoOtherPage() {
    assertThat(LINK.matcher(text(ROOT.resolve("docs/apps/apps-in-one-page.md"))).results())
        .isEmpty();
  }

  /** Decisions and kinds are linked as folders. */
  private static boolean isPage(Path file) {
    String name = ROOT.relativize(file).toString();
    return name.matches("docs/(operate|apps|reference|internals)/[\\w-]+\\.md");
  }

  private static Path target(Path page, String link) {
    return link.isEmpty() ? page : Objects.requireNonNull(page.resolveSibling(link)).normalize();
  }

  private static boolean leadsSomewhere(Path target, @Nullable String anchor) {
    return Files.exists(target) && (anchor == null || anchors(target).contains(anchor));
  }

  /** Returns the anchors that a forge gives to the headings of a page. */
  private static Set<String> anchors(Path page) {
    Map<String, Integer> seen = new HashMap<>();
    Set<String> anchors = new HashSet<>();
    HEADING
        .matcher(BLOCK.matcher(text(page)).replaceAll(""))
        .results()
        .map(LinksTest::anchor)
        .forEach(
            anchor -> {
              int earlier = seen.merge(anchor, 1, Integer::sum) - 1;
              anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
            });
    return anchors;
  }

  private static String anchor(MatchResult heading) {
    return TARGET
        .matcher(heading.group(1).strip())
        .replaceAll("")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
        .replace(' ', '-');
  }

  /** Returns the text files that Git tracks or would add. */
  private static Stream<Path> files() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "ls-files", "-co", "--exclude-standard")
            .directory(ROOT.toFile())
            .start();
    String names = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(git.waitFor()).isZero();
    return names.lines().distinct().map(ROOT::resolve).filter(Files::isRegularFile);
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
