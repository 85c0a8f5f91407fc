package io.dropserver.reconciler.edit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import io.dropserver.reconciler.edit.WhitelistEntry.ListName;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WhitelistEditorTest {
  private static final String HEAD = "kind: EgressWhitelist\nmetadata: {name: garden}\n";
  private static final WhitelistEntry ENTRY =
      new WhitelistEntry(
          "https://n.example/", new TreeSet<>(List.of("GET")), Optional.of("the forecast"));

  @Test
  void aBlockListGrowsInItsOwnStyle() {
    String file =
        HEAD
            + """
            spec:
              appspace: garden
              allow:
              # forecast
              -   url: https://a.example/   # the first
                  # and why
              # - url: https://not.example/

              deny: []
            # end\
            """;
    assertThat(edited(file, ListName.ALLOW))
        .isEqualTo(
            file.replace(
                "      # and why\n",
                """
                      # and why
                  -   url: https://n.example/
                      methods: [GET]
                      reason: "the forecast"
                """));
  }

  private static String widened(String file, String... methods) {
    EditResult result =
        WhitelistEditor.addMethods(
            file.getBytes(StandardCharsets.UTF_8),
            "garden",
            "https://a.example/",
            new TreeSet<>(List.of(methods)));
    return result instanceof Edited(String text) ? text : result.toString();
  }

  @Test
  void methodsAreAddedInTheStyleOfTheEntry() {
    String flow =
        HEAD + "spec:\n  allow:\n    - {url: https://a.example/, methods: [GET]} # mine\n";
    assertThat(widened(flow, "GET", "POST")).isEqualTo(flow.replace("[GET]", "[GET, POST]"));
    String block =
        HEAD
            + "spec:\n"
            + "  allow:\n"
            + "    - url: https://a.example/\n"
            + "      methods:\n"
            + "        - GET # read\n"
            + "      reason: x\n";
    assertThat(widened(block, "GET", "POST", "PUT"))
        .isEqualTo(block.replace("# read\n", "# read\n        - POST\n        - PUT\n"));
    String none = HEAD + "spec:\n  allow:\n    - url: https://a.example/\n      reason: x\n";
    assertThat(widened(none, "GET", "HEAD", "POST"))
        .isEqualTo(none.replace("a.example/\n", "a.example/\n      methods: [GET, HEAD, POST]\n"));
  }

  @Test
  void anEntryThatIsNotTheOnlyOneOrHasAnAnchorIsNotWidened() {
    String twice =
        HEAD
            + "spec:\n  allow:\n    - {url: https://a.example/}\n    - {url: https://a.example/}\n";
    assertThat(widened(twice, "POST")).contains("exactly one entry");
    String anchor = HEAD + "spec:\n  allow:\n    - {url: https://a.example/, methods: &m [GET]}\n";
    assertThat(widened(anchor, "GET", "POST")).contains("anchor");
  }

  @Test
  void theEndOfAnEntryIsReplaced() {
    String file =
        HEAD + "spec:\n  allow:\n    - {url: https://a.example/, expires: 2026-01-31} # mine\n";
    EditResult result =
        WhitelistEditor.setEnd(
            file.getBytes(StandardCharsets.UTF_8), "garden", "https://a.example/", "2027-01-31");
    assertThat(((Edited) result).text()).isEqualTo(file.replace("2026-01-31", "\"2027-01-31\""));
  }

  @Test
  void aListOfOneLinersGetsAOneLiner() {
    String file = HEAD + "spec:\n  allow:\n    - {url: https://a.example/}\r\n";
    assertThat(edited(file, ListName.ALLOW))
        .isEqualTo(
            file + "    - {url: https://n.example/, methods: [GET], reason: \"the forecast\"}\r\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        spec:
          appspace: garden
          allow: []   # nothing
        """,
        """
        spec:
          appspace: garden
          allow:
            - url: https://a.example/
              methods: [GET]
        """,
        """
        spec:
            appspace: garden
        """,
        "spec: {appspace: garden}\n"
      })
  void entriesForReviewAreWrittenOnOneLineEach(String spec) {
    String file = HEAD + spec;
    for (String host : List.of("one", "two", "three")) {
      WhitelistEntry line =
          new WhitelistEntry(
              "https://" + host + ".example/", new TreeSet<>(List.of("GET")), Optional.of("why"));
      file =
          ((Edited)
                  WhitelistEditor.insert(
                      file.getBytes(StandardCharsets.UTF_8),
                      "garden",
                      "garden",
                      ListName.ALLOW,
                      line.onOneLine()))
              .text();
    }
    if (!spec.startsWith("spec: {")) { // a file on a single line stays on a single line
      for (String host : List.of("one", "two", "three")) {
        assertThat(file.lines().filter(line -> line.contains("https://" + host)))
            .singleElement()
            .asString()
            .containsOnlyOnce("https://")
            .contains("methods: [GET]", "why");
      }
    }
    assertThat(file).contains("one.example", "two.example", "three.example");
  }

  @Test
  void aMissingListIsInsertedAfterItsUsualPredecessors() {
    String file = HEAD + "spec:\n    appspace: garden\n    browser: {inlineStyles: true}\n";
    assertThat(edited(file, ListName.DENY))
        .isEqualTo(
            HEAD
                + """
                spec:
                    appspace: garden
                    deny:
                        - url: https://n.example/
                          methods: [GET]
                          reason: "the forecast"
                    browser: {inlineStyles: true}
                """);
  }

  @Test
  void anExplicitNullGivesWay() {
    assertThat(edited(HEAD + "spec:\n  allow: ~ # none\n", ListName.ALLOW))
        .isEqualTo(
            HEAD
                + """
                spec:
                  allow:  # none
                    - url: https://n.example/
                      methods: [GET]
                      reason: "the forecast"
                """);
    assertThat(edited(HEAD + "spec: {appspace: garden, allow: null}", ListName.ALLOW))
        .endsWith("allow: [{url: https://n.example/, methods: [GET], reason: \"the forecast\"}]}");
  }

  @Test
  void anchorsElsewhereInTheFileStayAsTheyAre() {
    String file =
        HEAD + "spec:\n  allow:\n    - &a {url: https://a.example/}\n    - *a\n  deny: &d []\n";
    assertThat(edited(file, ListName.ALLOW))
        .startsWith(file.substring(0, file.indexOf("  deny")))
        .endsWith("  deny: &d []\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spec:\n  allow: &a\n    - url: https://a.example/\n  deny: *a\n",
        "spec:\n  deny: &a []\n  allow: *a\n",
        "spec:\n  allow: !!seq []\n",
        "spec: &s\n  appspace: garden\n",
        "spec:\n  <<: {allow: []}\n",
        "spec:\n  allow: []\n  allow: []\n",
        "spec: text\n",
        "spec:\n  allow: {url: x}\n",
        "spec:\n\tallow: []\n",
        "spec:\n  allow:\n    - url: https://a.example/\n      reason: |\n        no line end",
        "spec: {}\n---\nkind: EgressWhitelist\nmetadata: {name: garden}\n",
        "? spec\n: {\n"
      })
  void unsafeEditsAreRefused(String rest) {
    assertThat(insert(HEAD + rest, ListName.ALLOW)).isInstanceOf(EditRefused.class);
  }

  @Test
  void unsuitableFilesAreRefusedWithTheReason() {
    assertThat(insert("kind: User\nmetadata: {name: garden}\n", ListName.ALLOW))
        .isEqualTo(new EditRefused("it contains no whitelist `garden`"));
    assertThat(
            WhitelistEditor.insert(
                new byte[] {(byte) 0xC3, 0x28}, "garden", "garden", ListName.ALLOW, ENTRY))
        .isEqualTo(new EditRefused("it is not UTF-8"));
    assertThat(insert(HEAD + "#" + "x".repeat(1 << 20), ListName.ALLOW))
        .isEqualTo(new EditRefused("it is larger than 1 MiB"));
    assertThat(insert(HEAD + "#" + "x".repeat((1 << 20) - 100), ListName.ALLOW))
        .isEqualTo(new EditRefused("it would grow beyond 1 MiB"));
  }

  @Test
  void invisibleCharactersAreEscaped() {
    WhitelistEntry hostile =
        new WhitelistEntry(
            "https://n.example/",
            new TreeSet<>(),
            Optional.of("\u202Eeve\u200B\n- url: \u001B[2J\uD83D \"\\"));
    assertThat(WhitelistEditor.newFile("garden", "garden", ListName.PENDING, hostile))
        .isEqualTo(
            """
            apiVersion: dropserver.io/v1
            kind: EgressWhitelist
            metadata:
              name: garden
            spec:
              appspace: garden
              pending:
                - url: https://n.example/
                  reason: "\\u202Eeve\\u200B\\x0A- url: \\x1B[2J\uFFFD \\"\\\\"
            """);
  }

  private static String edited(String file, ListName list) {
    EditResult editResult = insert(file, list);
    assertThat(editResult).isInstanceOf(Edited.class);
    return ((Edited) editResult).text();
  }

  private static EditResult insert(String file, ListName list) {
    return WhitelistEditor.insert(
        file.getBytes(StandardCharsets.UTF_8), "garden", "garden", list, ENTRY);
  }
}
