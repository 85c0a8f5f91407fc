package io.dropserver.reconciler.edit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.edit.UpdateEditor.Suggestion;
import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UpdateEditorTest {
  private static final String FILE =
      """
      # my wiki
      kind: App
      metadata: {name: wiki}
      spec:
        versions:
          - version: 5.3.0   # the first
            source:
              git: https://forge.example.org/wiki.git
              commit: aaaa
            # do not change these
            manifest:
              args: [a, "b: c"]
          - {version: 5.2.0, source: {npm: wiki}, lock: wiki-5.2.0.lock}
      ---
      kind: Appspace
      metadata: {name: notes}
      spec:
        app: {name: wiki, version: "5.3.0"}   # ours
      """;

  private static final Map<String, String> TEXTS =
      Map.of("version", "5.4.0", "source.commit", "bbbb", "lock", "wiki-5.4.0.lock");

  @Test
  void aCopyKeepsEverythingButTheGivenTexts() {
    assertThat(edited(UpdateEditor.copyVersion(bytes(FILE), "wiki", "5.3.0", TEXTS)))
        .isEqualTo(
            FILE.replace(
                "---\n",
                """
                    - version: 5.4.0   # the first
                      source:
                        git: https://forge.example.org/wiki.git
                        commit: bbbb
                      # do not change these
                      manifest:
                        args: [a, "b: c"]
                ---
                """));
    assertThat(edited(UpdateEditor.copyVersion(bytes(FILE), "wiki", "5.2.0", TEXTS)))
        .contains("    - {version: 5.4.0, source: {npm: wiki}, lock: wiki-5.4.0.lock}\n---");
  }

  @Test
  void aCopyInAFlowListStaysInIt() {
    String file =
        """
        kind: App
        metadata: {name: wiki}
        spec: {versions: [{version: 5.3.0, source: {npm: wiki}}]}
        """;
    assertThat(edited(UpdateEditor.copyVersion(bytes(file), "wiki", "5.3.0", TEXTS)))
        .endsWith(
            "[{version: 5.3.0, source: {npm: wiki}}, {version: 5.4.0, source: {npm: wiki}}]}\n");
  }

  @Test
  void hostileTextsStayTexts() {
    String hostile = "x\"}\nkind: User #";
    String text =
        edited(
            UpdateEditor.copyVersion(
                bytes(FILE),
                "wiki",
                "5.3.0",
                Map.of("version", "5.4.0", "source.commit", hostile)));
    assertThat(text).doesNotContain("\nkind: User");
  }

  @Test
  void anAnchorIsNotCopied() {
    String file = FILE.replace("args: [a", "args: &x [a");
    assertThat(UpdateEditor.copyVersion(bytes(file), "wiki", "5.3.0", TEXTS))
        .isInstanceOf(EditRefused.class);
    assertThat(UpdateEditor.copyVersion(bytes(FILE), "wiki", "9.9.9", TEXTS))
        .isInstanceOf(EditRefused.class);
  }

  @Test
  void theVersionOfAnAppspaceIsReplacedInPlace() {
    assertThat(edited(UpdateEditor.setVersion(bytes(FILE), "notes", "5.4.0")))
        .isEqualTo(FILE.replace("version: \"5.3.0\"}   # ours", "version: 5.4.0}   # ours"));
    String anchored = FILE.replace("version: \"5.3.0\"", "version: &v 5.3.0");
    assertThat(UpdateEditor.setVersion(bytes(anchored), "notes", "5.4.0"))
        .isInstanceOf(EditRefused.class);
    assertThat(UpdateEditor.setVersion(bytes(FILE), "other", "5.4.0"))
        .isInstanceOf(EditRefused.class);
  }

  @Test
  void destinationsAreAddedToTheManifestOfAnEntry() {
    Suggestion omens = Suggestion.egress("https://api.example.org/", List.of("GET"), "omens: #1");
    String once = edited(UpdateEditor.addSuggestion(bytes(FILE), "wiki", "5.3.0", omens));
    assertThat(once).contains("egress:").contains("url: https://api.example.org/");
    Suggestion more = Suggestion.egress("https://more.example.org/", List.of(), "");
    assertThat(edited(UpdateEditor.addSuggestion(bytes(once), "wiki", "5.3.0", more)))
        .contains("https://api.example.org/")
        .contains("https://more.example.org/");
    assertThat(edited(UpdateEditor.addSuggestion(bytes(FILE), "wiki", "5.2.0", omens)))
        .contains("manifest: {egress: [{url: ");
    Suggestion feature = Suggestion.browser("fullscreen", "");
    assertThat(edited(UpdateEditor.addSuggestion(bytes(once), "wiki", "5.3.0", feature)))
        .contains("browser:")
        .contains("feature: fullscreen");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private static String edited(EditResult result) {
    return switch (result) {
      case Edited(String text) -> text;
      case EditRefused(String reason) -> throw new AssertionError(reason);
    };
  }
}
