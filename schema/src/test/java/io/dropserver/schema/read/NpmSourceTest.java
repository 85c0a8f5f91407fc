package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SourceTree.TreeEntryType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The golden file npm.yaml lists what is refused. */
class NpmSourceTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final String APP =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: wiki}
      spec:
        versions:
          - version: 5.4.1
            source: {npm: "%s"}
      """;
  private static final String APPSPACE =
      InstanceReaderTest.APPSPACE
          .replace("garden", "notes")
          .replace("{name: weather, version: 1.0.0}", "{name: wiki, version: 5.4.1}");

  @ParameterizedTest
  @CsvSource({"tiddlywiki, tiddlywiki", "@team/wiki, wiki", "0.x_y~z, 0.x_y~z"})
  void withoutAManifestTheOnlyProgramRunsWithoutArguments(String name, String displayName)
      throws IOException {
    NpmSource source = source(tree(APP.formatted(name)));
    DropappManifest manifest = source.manifest();
    assertThat(source.name()).isEqualTo(name);
    assertThat(source.lock()).isEmpty();
    assertThat(source.specifier()).isEqualTo("npm:" + name + "@5.4.1");
    assertThat(manifest.name()).isEqualTo(displayName);
    assertThat(manifest.version()).isEqualTo("5.4.1");
    assertThat(manifest.entrypoint()).isEqualTo("npm:" + name + "@5.4.1");
    assertThat(manifest.launchOptions()).isEqualTo(DropappManifest.LaunchOptions.DEFAULT);
  }

  /** The server reads the text again when it installs the version. */
  @Test
  void theTextOfTheManifestMeansTheSame() throws IOException {
    NpmSource source =
        source(
            tree(
                APP.formatted("wiki")
                    + """
                          manifest:
                            name: "Wiki \\u00fc \\U0001F331"
                            short-description: 'a "quoted" \\ text: {"name": "x"}'
                            entrypoint: npm:wiki/server
                            args: ["--listen", "a b", "ü🌱", '"', "\\\\", "{}", "--", "# no comment"]
                            env: {GREETING: 'say "hi"', EMPTY: "", ODD: "\\uFFFE"}
                            cwd: app
                            schema: 7
                            permissions: [{name: edit, description: Change}]
                            egress: [{url: "https://api.example.org/", reason: "because: x"}]
                            limits: {memory: 64Mi}
                    """));
    DropappManifest manifest = source.manifest();
    assertThat(manifest.entrypoint()).isEqualTo("npm:wiki@5.4.1/server");
    assertThat(manifest.launchOptions().args()).contains("ü🌱", "\"", "\\", "# no comment");
    assertThat(manifest.dataSchema().number()).contains(7);
    assertThat(source.manifestJson()).contains("\"\\uFFFE\"").matches("\\p{ASCII}+");
    byte[] text = source.manifestJson().getBytes(StandardCharsets.UTF_8);
    assertThat(new ManifestReader().read("dropapp.json", text).manifest()).contains(manifest);
  }

  @Test
  void aLockFileIsBesideItsDocument() throws IOException {
    String app = APP.formatted("wiki") + "      lock: ./locks/wiki.lock\n";
    assertThat(source(tree(app).with("apps/locks/wiki.lock", "{}")).lock().map(App.LockFile::path))
        .contains("apps/locks/wiki.lock");
    assertThat(problems(tree(app)))
        .singleElement()
        .asString()
        .startsWith("apps/wiki.yaml:8:13: error: the lock file `apps/locks/wiki.lock` does not")
        .contains("dropserver app add npm:wiki@5.4.1");
    assertThat(problems(tree(app).with("apps/locks/wiki.lock", TreeEntryType.SYMLINK)))
        .extracting(Problem::message)
        .contains("the lock file `apps/locks/wiki.lock` does not exist");
    assertThat(
            problems(tree(app).with("apps/locks/wiki.lock", new byte[App.LockFile.MAX_BYTES + 1])))
        .singleElement()
        .asString()
        .contains("larger than 8 MiB");
  }

  @Test
  void onlyPermissionsOfTheManifestCanBeGranted() throws IOException {
    String edit = APP.formatted("wiki") + "      manifest: {permissions: [{name: view}]}\n";
    assertThat(problems(tree(edit).with("appspaces/notes.yaml", APPSPACE))).isEmpty();
    assertThat(problems(tree(APP.formatted("wiki")).with("appspaces/notes.yaml", APPSPACE)))
        .singleElement()
        .asString()
        .contains("the app wiki declares no permission `view`");
  }

  private static MapTree tree(String app) {
    return InstanceReaderTest.tree().with("apps/wiki.yaml", app);
  }

  private static List<Problem> problems(MapTree tree) throws IOException {
    return READER.read(tree, ReadOptions.WHOLE_REPOSITORY).problems();
  }

  private static NpmSource source(MapTree tree) throws IOException {
    ReadResult result = READER.read(tree, ReadOptions.WHOLE_REPOSITORY);
    assertThat(result.problems()).isEmpty();
    return (NpmSource)
        Optional.ofNullable(result.instance().orElseThrow().apps().get("wiki"))
            .flatMap(app -> app.version("5.4.1"))
            .orElseThrow()
            .source();
  }
}
