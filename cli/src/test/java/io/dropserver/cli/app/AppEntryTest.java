package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.CommandRun;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.NpmSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppEntryTest {
  private static final PackageSpec SPEC = PackageSpec.parse("npm:tiddlywiki@5.4.1");
  private static final String DECLARED =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: wiki}
      spec:
        versions:
          - version: %s
            source: {npm: tiddlywiki}
      """;

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void init() {
    root = folder.resolve("home");
    assertThat(CommandRun.alone("init", root.toString()).exitCode()).isZero();
  }

  @Test
  void anEntryIsWrittenAndReadAgain() throws IOException {
    AppEntry entry =
        AppEntry.of(root, SPEC, Optional.of("wiki"), List.of("--listen", "a \"b\": # \\ ü"));
    assertThat(entry.app()).isEqualTo("wiki");
    assertThat(entry.document()).isEqualTo("apps/wiki.yaml");
    assertThat(npm(entry).specifier()).isEqualTo("npm:tiddlywiki@5.4.1");
    assertThat(entry.lock().map(LockFile::path)).contains("apps/wiki-5.4.1.lock");
    assertThat(npm(entry).manifest().launchOptions().args())
        .containsExactly("--listen", "a \"b\": # \\ ü");
    assertThat(root.resolve("apps/wiki.yaml")).doesNotExist();
  }

  @Test
  void anotherVersionIsAddedToTheAppThatHasThePackage() throws IOException {
    Files.writeString(root.resolve("apps/wiki.yaml"), DECLARED.formatted("5.3.0"));
    AppEntry entry = AppEntry.of(root, SPEC, Optional.empty(), List.of());
    assertThat(entry.app()).isEqualTo("wiki");
    assertThat(entry.text())
        .startsWith(DECLARED.formatted("5.3.0"))
        .endsWith("lock: wiki-5.4.1.lock\n");
  }

  @Test
  void aDeclaredVersionGetsTheLockThatItLacks() throws IOException {
    Files.writeString(root.resolve("apps/wiki.yaml"), DECLARED.formatted("5.4.1"));
    AppEntry entry = AppEntry.of(root, SPEC, Optional.empty(), List.of());
    assertThat(entry.text()).contains("lock: wiki-5.4.1.lock");
    Files.writeString(root.resolve("apps/wiki.yaml"), entry.text());
    AppEntry again = AppEntry.of(root, SPEC, Optional.empty(), List.of());
    assertThat(again.text()).isEqualTo(entry.text());
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.empty(), List.of("--listen")))
        .hasMessageContaining("is already declared, at apps/wiki.yaml:7");
  }

  @Test
  void aConflictIsRefused() throws IOException {
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.of("Not a label"), List.of()))
        .hasMessageContaining("Not a label is not a name");
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.of("../x"), List.of()))
        .hasMessageContaining("../x is not a name");
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.of("wiki"), List.of("a\nb")))
        .hasMessageContaining("control character");
    Files.writeString(
        root.resolve("apps/wiki.yaml"),
        DECLARED.formatted("5.4.1").replace("npm: tiddlywiki", "npm: other"));
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.of("wiki"), List.of()))
        .hasMessageContaining("already declared with another source");
    Files.writeString(root.resolve("apps/broken.yaml"), "kind: App\n");
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.empty(), List.of()))
        .hasMessageContaining("the repository is not valid")
        .hasMessageContaining("apps/broken.yaml:1");
  }

  @Test
  void anAppWithAnotherSourceIsExtendedOnlyByItsName() throws IOException {
    Files.writeString(root.resolve("apps/wiki.yaml"), DECLARED.formatted("5.3.0"));
    PackageSpec other = PackageSpec.parse("npm:@other/wiki@1.0.0");
    assertThatThrownBy(() -> AppEntry.of(root, other, Optional.empty(), List.of()))
        .hasMessage("the app wiki exists with another source");
    AppEntry named = AppEntry.of(root, other, Optional.of("wiki"), List.of());
    assertThat(named.document()).isEqualTo("apps/wiki.yaml");
    assertThat(named.text()).contains("tiddlywiki", "@other/wiki");
  }

  @Test
  void whatGitIgnoresIsNotRead() throws IOException {
    Path installed = Files.createDirectories(root.resolve("node_modules/x"));
    Files.writeString(installed.resolve("broken.yaml"), "kind: App\n");
    assertThat(AppEntry.of(root, SPEC, Optional.of("wiki"), List.of()).document())
        .isEqualTo("apps/wiki.yaml");
    Files.writeString(root.resolve("apps/wiki.yaml"), "kind: App\n");
    Files.writeString(root.resolve("apps/.gitignore"), "wiki.yaml\n");
    assertThatThrownBy(() -> AppEntry.of(root, SPEC, Optional.of("wiki"), List.of()))
        .hasMessageContaining("apps/wiki.yaml exists");
  }

  @Test
  void anEditDuringTheTrialIsKeptUnlessItChangesTheEntry() throws IOException {
    Path document = root.resolve("apps/wiki.yaml");
    Files.writeString(document, DECLARED.formatted("5.4.1"));
    AppEntry tried = AppEntry.of(root, SPEC, Optional.empty(), List.of());
    Files.writeString(document, "# A comment.\n" + DECLARED.formatted("5.4.1"));
    AppEntry commented = AppEntry.of(root, SPEC, Optional.empty(), List.of());
    assertThat(commented.matches(tried)).isTrue();
    assertThat(commented.text()).startsWith("# A comment.\n").contains("lock: wiki-5.4.1.lock");
    for (String edit : List.of("      manifest: {args: [x]}\n", "      lock: other.lock\n")) {
      Files.writeString(document, DECLARED.formatted("5.4.1") + edit);
      AppEntry edited = AppEntry.of(root, SPEC, Optional.empty(), List.of());
      assertThat(edited.matches(tried)).as(edit).isFalse();
    }
  }

  private static NpmSource npm(AppEntry entry) {
    return (NpmSource) entry.declared().source();
  }
}
