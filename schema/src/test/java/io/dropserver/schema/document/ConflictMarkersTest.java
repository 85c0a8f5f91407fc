package io.dropserver.schema.document;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.document.DocumentParser.ParsedFile;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConflictMarkersTest {
  private static ParsedFile parse(String text) {
    return DocumentParser.parse("a.yaml", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aConflictIsNamedAtItsFirstMarker() {
    ParsedFile file =
        parse(
            """
            kind: App
            spec:
            <<<<<<< HEAD
              owner: alice
            =======
              owner: bob
            >>>>>>> theirs
            """);
    assertThat(file.complete()).isFalse();
    assertThat(file.problems())
        .singleElement()
        .satisfies(
            problem -> {
              assertThat(problem.location()).hasToString("a.yaml:3:1");
              assertThat(problem.message()).contains("merge conflict");
              assertThat(problem.hint().orElseThrow()).contains("<<<<<<<", "commit again");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"=======", ">>>>>>> b", "||||||| base", "<<<<<<<\r"})
  void aForgottenMarkerIsNamedToo(String marker) {
    assertThat(parse("a: 1\nb: 2\n" + marker + "\n").problems().getFirst().location())
        .hasToString("a.yaml:3:1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: |\n  <<<<<<< HEAD\n  =======\n",
        "a: '======='\n",
        "# ======= section\na: 1\n",
        "a: 1 # <<<<<<< HEAD\n"
      })
  void textThatOnlyResemblesAMarkerIsNoConflict(String text) {
    assertThat(parse(text).problems()).isEmpty();
  }
}
