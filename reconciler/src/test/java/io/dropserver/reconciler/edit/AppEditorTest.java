package io.dropserver.reconciler.edit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.reconciler.edit.AppEditor.NewVersion;
import io.dropserver.reconciler.edit.WhitelistEditor.EditRefused;
import io.dropserver.reconciler.edit.WhitelistEditor.EditResult;
import io.dropserver.reconciler.edit.WhitelistEditor.Edited;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppEditorTest {
  private static final String FILE =
      """
      # my wiki
      kind: App
      metadata: {name: wiki}
      spec:
        versions:
          - version: 5.3.0   # the first
            source: {npm: tiddlywiki}
            # no lock yet
      """;
  private static final NewVersion VERSION =
      NewVersion.npm("5.4.1", "@team/wiki", "wiki-5.4.1.lock", List.of("--listen", "a \"b\": #c"));

  @Test
  void aNewFileHasOneVersion() {
    assertThat(AppEditor.newFile("wiki", VERSION))
        .isEqualTo(
            """
            apiVersion: dropserver.io/v1
            kind: App
            metadata:
              name: wiki
            spec:
              versions:
                - version: 5.4.1
                  source: {npm: "@team/wiki"}
                  lock: wiki-5.4.1.lock
                  manifest: {args: ["--listen", "a \\"b\\": #c"]}
            """);
  }

  @Test
  void aVersionIsAddedAfterTheOthers() {
    NewVersion plain = NewVersion.npm("5.4.1", "tiddlywiki", "wiki-5.4.1.lock", List.of());
    assertThat(edited(AppEditor.addVersion(FILE.getBytes(UTF_8), "wiki", plain)))
        .isEqualTo(
            FILE
                + """
                - version: 5.4.1
                  source: {npm: tiddlywiki}
                  lock: wiki-5.4.1.lock
                """
                    .indent(4));
  }

  @Test
  void aLockIsAddedToAVersionAfterItsSource() {
    assertThat(edited(AppEditor.addLock(FILE.getBytes(UTF_8), "wiki", "5.3.0", "wiki-5.3.0.lock")))
        .contains("source: {npm: tiddlywiki}\n")
        .contains("\n      lock: wiki-5.3.0.lock\n")
        .startsWith("# my wiki\nkind: App\n");
    String flow =
        """
        kind: App
        metadata: {name: w}
        spec: {versions: [{version: 1.0.0, source: {npm: x}}]}
        """;
    assertThat(edited(AppEditor.addLock(flow.getBytes(UTF_8), "w", "1.0.0", "w.lock")))
        .isEqualTo(flow.replace("{npm: x}", "{npm: x}, lock: w.lock"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind: App\nmetadata: {name: other}\nspec: {versions: [{version: 5.3.0}]}\n",
        "kind: App\nmetadata: {name: wiki}\nspec: {versions: []}\n",
        "kind: App\nmetadata: {name: wiki}\nspec: {versions: &a [{version: 5.3.0}]}\n",
        "kind: App\nmetadata: {name: wiki}\nspec: [\n",
        "kind: App\nmetadata: {name: wiki}\n",
        "kind: App\nmetadata: {name: wiki}\nspec: {versions: [{version: 5.3.0, lock: x}]}\n",
        "kind: App\nmetadata: {name: wiki}\nspec: {versions: [{version: 5.3.1}]}\n",
      })
  void aFileThatCannotBeEditedIsRefused(String file) {
    assertThat(AppEditor.addLock(file.getBytes(UTF_8), "wiki", "5.3.0", "x"))
        .isInstanceOf(EditRefused.class);
  }

  private static String edited(EditResult result) {
    assertThat(result).isInstanceOf(Edited.class);
    return ((Edited) result).text();
  }
}
