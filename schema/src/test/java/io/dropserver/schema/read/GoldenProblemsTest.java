package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.ProblemReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Adds each file of the folder {@code golden} to a valid repository and compares the reader's
 * problems with the text file next to it. To accept a change of wording, run with {@code
 * -Dtest.jvm=-Dgolden.write=true} and check the diff.
 */
class GoldenProblemsTest {
  private static final Path FOLDER = Path.of("src/test/resources/io/dropserver/schema/read/golden");
  private static final InstanceReader READER = new InstanceReader();

  static Stream<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void aBadFileIsAnsweredWithExactlyTheseProblems(Path file) throws IOException {
    String name = file.getFileName().toString();
    MapTree tree = InstanceReaderTest.tree().with(name, Files.readAllBytes(file));
    String said = ProblemReport.text(READER.read(tree, ReadOptions.WHOLE_REPOSITORY).problems());
    Path expected = file.resolveSibling(name.replace(".yaml", ".expected"));
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(expected, said);
    }
    assertThat(said).isNotEmpty().isEqualTo(Files.readString(expected));
  }
}
