package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IgnoreRulesTest {
  private static final List<String> PATHS =
      List.of(
          "a.yaml",
          "b.yaml",
          "build/x.yaml",
          "deep/build/x.yaml",
          "deep/build",
          "docs/a.yaml",
          "docs/deep/a.yaml",
          "docs/deep/b1.yaml",
          "docs/deep/b2.yaml",
          "#hash.yaml",
          "!bang.yaml",
          "with space.yaml",
          "deep/a/b/c/x.yaml",
          "x/deep/a.yaml",
          "[z].yaml",
          "ä.yaml");

  private static final List<String> PATTERNS =
      List.of(
          "a.yaml",
          "/a.yaml",
          "build/",
          "build",
          "/build",
          "docs/*.yaml",
          "docs/**",
          "**/a.yaml",
          "docs/**/a.yaml",
          "*.yaml",
          "*.yaml\n!b.yaml",
          "docs/\n!docs/a.yaml",
          "docs/*\n!docs/deep",
          "b[12].yaml",
          "b[!1].yaml",
          "b?.yaml",
          "\\#hash.yaml",
          "\\!bang.yaml",
          "# comment",
          "with space.yaml  ",
          "deep/**/x.yaml",
          "**/deep",
          "**",
          "/*",
          "*",
          "a*b*c",
          "\\[z].yaml",
          "ä.yaml",
          "[a-b].yaml",
          "deep/a/",
          "/deep/*/b",
          "**/build/**",
          "!a.yaml");

  @Test
  void ignoresTheSameFilesAsGit(@TempDir Path folder) throws Exception {
    run(folder, "git", "init", "-q");
    for (String path : PATHS) {
      Path file = folder.resolve(path);
      Files.createDirectories(file.getParent());
      if (!Files.exists(file) && PATHS.stream().noneMatch(p -> p.startsWith(path + "/"))) {
        Files.writeString(file, "");
      }
    }
    Set<String> files =
        PATHS.stream()
            .filter(p -> Files.isRegularFile(folder.resolve(p)))
            .collect(Collectors.toCollection(TreeSet::new));
    for (String pattern : PATTERNS) {
      Files.writeString(folder.resolve(".gitignore"), pattern + "\n");
      Set<String> kept = new TreeSet<>(untracked(folder));
      IgnoreRules rules = IgnoreRules.NONE.with("", pattern + "\n");
      assertThat(files.stream().filter(path -> !rules.ignores(path)).toList())
          .as(pattern)
          .containsExactlyElementsOf(kept);
    }
  }

  @Test
  void aPatternIsMeantFromTheFolderOfItsFile() {
    IgnoreRules rules = IgnoreRules.NONE.with("home", "/a.yaml\nb.yaml\n");
    assertThat(rules.ignores("home/a.yaml")).isTrue();
    assertThat(rules.ignores("a.yaml")).isFalse();
    assertThat(rules.ignores("home/deep/a.yaml")).isFalse();
    assertThat(rules.ignores("home/deep/b.yaml")).isTrue();
    assertThat(rules.ignores("b.yaml")).isFalse();
  }

  @Test
  void manyStarsTakeNoTime() {
    IgnoreRules rules =
        IgnoreRules.NONE.with("", "*a".repeat(400) + "b\n" + "**/".repeat(300) + "q");
    assertTimeout(
        Duration.ofSeconds(5),
        () -> assertThat(rules.ignores("a/".repeat(400) + "aaaa")).isFalse());
  }

  private static List<String> untracked(Path folder) throws Exception {
    return run(folder, "git", "-c", "core.quotePath=false", "ls-files", "-o", "--exclude-standard")
        .lines()
        .filter(line -> !line.equals(".gitignore"))
        .toList();
  }

  private static String run(Path folder, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
