package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoteImportsTest {
  private static String graph(String file, int imports) {
    return IntStream.range(0, imports)
        .mapToObj(
            i ->
                """
                {"code": {"specifier": "https://a.example/%d\\u001b[2J\\n",
                 "span": {"start": {"line": %d, "character": 7}}}}\
                """
                    .formatted(i, i))
        .collect(
            Collectors.joining(
                ",",
                "{\"modules\": [{\"specifier\": \"" + file + "\", \"dependencies\": [",
                "]}]}"));
  }

  @Test
  void importsBeyondTheBoundAreCounted() {
    assertThat(RemoteImports.list(graph("file:///app/a.ts", 53)).orElseThrow().lines())
        .hasSize(51)
        .contains("and 3 more");
  }

  @Test
  void anImportCannotControlATerminalOrAddALine() {
    assertThat(RemoteImports.list(graph("file:///app/a.ts", 1)).orElseThrow())
        .startsWith("https://a.example/0")
        .endsWith(" at file:///app/a.ts:1:8")
        .doesNotContain("\u001b", "\n");
  }

  @Test
  void importsOfOtherModulesAreNotListed() {
    assertThat(RemoteImports.list(graph("https://jsr.io/a.ts", 2))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "{\"modules\": 1}",
        "{\"modules\": [{\"dependencies\": 2}]}"
      })
  void unreadableGraphsAreIgnored(String text) {
    assertThat(RemoteImports.list(text)).isEmpty();
  }
}
