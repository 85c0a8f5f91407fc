package io.dropserver.schema.read;

import static io.dropserver.testing.property.Property.forAll;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.dropserver.schema.instance.Durations;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.Quantity;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.testing.property.Generator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HostileInputTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final Duration BOUND = Duration.ofSeconds(20);

  private static List<Problem> problems(String path, byte[] bytes) {
    return assertTimeoutPreemptively(
        BOUND,
        () ->
            READER
                .read(InstanceReaderTest.tree().with(path, bytes), ReadOptions.WHOLE_REPOSITORY)
                .problems());
  }

  static List<String> bombs() {
    String kind = "apiVersion: dropserver.io/v1\nkind: User\nmetadata: {name: x}\nspec:\n";
    StringBuilder lol = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 40; i++) {
      lol.append("a").append(i).append(": &a").append(i).append(" [");
      lol.append(("*a" + (i - 1) + ", ").repeat(9)).append("]\n");
    }
    return List.of(
        lol.toString(),
        "a: &a [*a]\n",
        "[".repeat(1 << 19),
        "{a: ".repeat(1 << 17),
        "- ".repeat(1 << 18),
        "? ".repeat(1 << 18),
        "a: ".repeat(1 << 18),
        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL"
            + " [\"http://x/\"]]]]\n",
        "%YAML 9.9\n%TAG ! tag:x,2000:\n---\na: !foo b\n",
        kind + "  displayName: \"" + "x".repeat((1 << 20) - 200) + "\"\n",
        kind + "  displayName: " + "9".repeat(1 << 19) + "\n",
        kind + "  displayName: |\n" + "    a\n".repeat(100_000),
        kind + "  1: {\n" + "k: v, ".repeat(50_000) + "}\n",
        kind + keys(90_000),
        "--- a\n".repeat(1 << 17),
        "kind: User\n---\n".repeat(50_000),
        "\"" + "\\u0000".repeat(1 << 16) + "\": 1\n",
        "a: '" + "''".repeat(1 << 18) + "\n",
        "#" + "x".repeat(1 << 19) + "\na: [\n",
        "a:\r\n\t- b\r\n",
        "\u0000\u0001",
        "a: \uD800\n".replace("\uD800", "\uFFFF"),
        "? {a: b}\n: c\n? [x]\n: d\n",
        "'kind': User\n\"kind\": User\nkind: User\n");
  }

  private static String keys(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("  k").append(i).append(": 1\n");
    }
    return text.toString();
  }

  @ParameterizedTest
  @MethodSource("bombs")
  void aHostileFileIsRefusedInBoundedTime(String text) {
    List<Problem> problems = problems("bad.yaml", text.getBytes(StandardCharsets.UTF_8));
    assertThat(problems).isNotEmpty().hasSizeLessThan(120);
    assertThat(problems).allSatisfy(p -> assertThat(p.location().file()).isEqualTo("bad.yaml"));
    assertThat(problems).allSatisfy(p -> assertThat(p.message()).doesNotContain("\n"));
  }

  @Test
  void aFileAboveAMebibyteIsNotParsed() {
    assertThat(problems("big.yaml", new byte[10 << 20]))
        .singleElement()
        .asString()
        .startsWith("big.yaml:1:1: error: the file has 10,485,760 bytes; the limit is 1 MiB");
  }

  @Test
  void utf16IsNamedAsSuch() {
    assertThat(problems("a.yaml", "kind: User\n".getBytes(StandardCharsets.UTF_16)))
        .singleElement()
        .asString()
        .contains("the file is UTF-16", "save it as UTF-8");
  }

  @Test
  void windowsLineEndsAndNamesInAnyScriptAreFine() throws IOException {
    MapTree tree =
        InstanceReaderTest.tree()
            .with("instance.yaml", InstanceReaderTest.INSTANCE.replace("\n", "\r\n"))
            .with("böse/日本 語.yaml", InstanceReaderTest.APPSPACE.replace("garden", "yard"));
    assertThat(READER.read(tree, ReadOptions.WHOLE_REPOSITORY).problems()).isEmpty();
  }

  @Test
  void nonRegularFilesAreReportedAtTheirPath() throws IOException {
    MapTree tree =
        InstanceReaderTest.tree()
            .with("link.yaml", SourceTree.TreeEntryType.SYMLINK)
            .with("vendor", SourceTree.TreeEntryType.SUBMODULE)
            .with("apps/weather/.hidden", SourceTree.TreeEntryType.SYMLINK)
            .with(".github/link", SourceTree.TreeEntryType.SYMLINK)
            .with("Appspaces/other.txt", "");
    assertThat(READER.read(tree, ReadOptions.WHOLE_REPOSITORY).problems())
        .extracting(Problem::toString)
        .containsExactly(
            "apps/weather/.hidden:1:1: error: this is a symlink; only regular files are read"
                + " (commit the files themselves, or add it to .dropserverignore)",
            "appspaces/garden.yaml:1:1: error: the name differs from `Appspaces` only in case"
                + " (rename one: on a case-insensitive file system, one would replace the other)",
            "link.yaml:1:1: error: this is a symlink; only regular files are read (commit the files"
                + " themselves, or add it to .dropserverignore)",
            "vendor:1:1: error: this is a submodule; only regular files are read (commit the files"
                + " themselves, or add it to .dropserverignore)");
  }

  @Test
  void anEmptyRepositoryReportsTheMissingInstance() throws IOException {
    assertThat(READER.read(new MapTree(), ReadOptions.WHOLE_REPOSITORY).problems())
        .singleElement()
        .asString()
        .contains("there is no document of kind Instance", "spec.domain");
  }

  @Test
  void thePathOptionSelectsOneOfTwoInstances() throws IOException {
    MapTree tree = new MapTree();
    tree.with(
        "shared/users.yaml",
        InstanceReaderTest.INSTANCE.substring(InstanceReaderTest.INSTANCE.indexOf("---")));
    String settings =
        InstanceReaderTest.INSTANCE.substring(0, InstanceReaderTest.INSTANCE.indexOf("---"));
    tree.with("home/instance.yaml", settings).with("lab/instance.yaml", settings);
    assertThat(READER.read(tree, ReadOptions.WHOLE_REPOSITORY).instance()).isEmpty();
    ReadOptions home = ReadOptions.of(List.of("shared", "home/"));
    assertThat(READER.read(tree, home).instance()).isPresent();
  }

  @Test
  void arbitraryBytesNeverThrow() {
    forAll(
        300,
        Generator.bytes(400),
        bytes -> {
          assertThat(problems("x.yaml", bytes)).isNotNull();
        });
  }

  @Test
  void aMutatedDocumentNeverThrows() {
    forAll(
        500,
        Generator.integers(0, 600),
        Generator.integers(0, 20),
        Generator.text(6),
        (at, cut, junk) -> {
          String whole = InstanceReaderTest.APPSPACE;
          int from = Math.min(at, whole.length());
          int to = Math.min(from + cut, whole.length());
          String mutated = whole.substring(0, from) + junk + whole.substring(to);
          assertThat(problems("appspaces/garden.yaml", mutated.getBytes(StandardCharsets.UTF_8)))
              .isNotNull();
        });
  }

  @Test
  void quantitiesRoundTrip() {
    forAll(
        1000,
        Generator.longs(0, 1L << 50),
        Generator.integers(0, Integer.MAX_VALUE),
        (bytes, millis) -> {
          assertThat(Quantity.bytes(Quantity.formatBytes(bytes))).contains(bytes);
          assertThat(Quantity.cpuMillis(Quantity.formatCpu(millis))).contains(millis);
        });
  }

  @Test
  void durationsRoundTrip() {
    forAll(
        1000,
        Generator.longs(0, 1L << 40),
        millis -> {
          Duration duration = Duration.ofMillis(millis);
          assertThat(Durations.parse(Durations.format(duration))).contains(duration);
        });
  }
}
