package io.dropserver.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the sources of all modules, those of tests and benchmarks included. */
class NativeCallsTest {
  private static final Pattern BINDING =
      Pattern.compile("CLibrary\\s*\\.(?:function|variadic|optional)\\(\\s*\"(\\w+)\"");
  private static final Pattern FOREIGN =
      Pattern.compile("^import java\\.lang\\.foreign\\.", Pattern.MULTILINE);
  private static final int FEWEST = 20;

  @Test
  void onlyTheLinuxPackagesUseForeignFunctions() throws IOException {
    assertThat(sources().entrySet())
        .filteredOn(source -> FOREIGN.matcher(source.getValue()).find())
        .extracting(source -> source.getKey().resolveSibling("").toString())
        .containsOnly(
            "base/src/main/java/io/dropserver/base/linux",
            "sandbox/src/main/java/io/dropserver/sandbox/linux");
  }

  @Test
  void eachFunctionIsBoundOnce() throws IOException {
    List<String> bound =
        sources().values().stream()
            .flatMap(source -> BINDING.matcher(source).results())
            .map(binding -> binding.group(1))
            .toList();

    assertThat(bound).doesNotHaveDuplicates().hasSizeGreaterThan(FEWEST);
  }

  private static Map<Path, String> sources() throws IOException {
    Map<Path, String> sources = new TreeMap<>();
    for (Path folder : sourceFolders()) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          sources.put(Checkout.root().relativize(file), Files.readString(file));
        }
      }
    }
    return sources;
  }

  private static List<Path> sourceFolders() throws IOException {
    try (Stream<Path> modules = Files.list(Checkout.root())) {
      return modules
          .flatMap(module -> Stream.of("src/main/java", "src/test/java").map(module::resolve))
          .filter(Files::isDirectory)
          .toList();
    }
  }
}
