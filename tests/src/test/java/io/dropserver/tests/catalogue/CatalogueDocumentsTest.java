package io.dropserver.tests.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The folder {@code catalogue}: its documents are valid, documented and tested. */
class CatalogueDocumentsTest {
  private static final Path TESTS = Path.of("src/test/java/io/dropserver/tests/catalogue");

  static List<String> entries() throws IOException {
    try (Stream<Path> folders = Files.list(CatalogueInstance.CATALOGUE)) {
      return folders
          .filter(Files::isDirectory)
          .map(folder -> folder.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /** A lock that names a registry would install from that registry on every machine. */
  @ParameterizedTest
  @MethodSource("entries")
  void aLockHasAnIntegrityForEachPackageAndNamesNoRegistry(String entry) throws IOException {
    try (Stream<Path> files = Files.list(CatalogueInstance.CATALOGUE.resolve(entry))) {
      List<Path> locks = files.filter(file -> file.toString().endsWith(".lock")).toList();
      assertThat(locks).hasSize(1);
      assertThat(locks.getFirst()).content().contains("sha512-").doesNotContain("://", "tarball");
    }
  }

  @ParameterizedTest
  @MethodSource("entries")
  void anEntryIsInTheGuideAndIsUsedByATest(String entry) throws IOException {
    assertThat(CatalogueInstance.CATALOGUE.resolve("README.md")).content().contains("| " + entry);
    StringBuilder tests = new StringBuilder();
    for (String name :
        List.of("CatalogueTest.java", "CatalogueSitesTest.java", "CatalogueInCiTest.java")) {
      tests.append(Files.readString(TESTS.resolve(name)));
    }
    assertThat(tests).contains("install(\"" + entry + "\"");
  }

  @ParameterizedTest
  @MethodSource("entries")
  void theAppspaceOfAnEntryUsesItsVersionAndAdmitsMembersOnly(String entry) throws IOException {
    Path folder = CatalogueInstance.CATALOGUE.resolve(entry);
    String app = Files.readString(folder.resolve("app.yaml"));
    String version = app.replaceAll("(?s).*- version: (\\S+).*", "$1");
    assertThat(folder.resolve("appspace.yaml"))
        .content()
        .contains("app: {name: %s, version: %s}".formatted(entry, version))
        .contains("access: members");
  }
}
