package io.dropserver.schema.read;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.Problem;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryAdditionsTest {
  private static final InstanceReader READER = new InstanceReader();
  private static final String PATH = "{path: programs/board}";
  private static final String GIT =
      "{git: 'https://example.org/b.git', commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}";
  private static final String PACKAGE =
      "{package: 'https://example.org/b.tar.gz', sha256:"
          + " aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}";
  private static final String APP =
      """
      apiVersion: dropserver.io/v1
      kind: App
      metadata: {name: board}
      spec:
        versions:
          - version: 2.1.0
            source: %s
            lock: board.lock
            manifest: {entrypoint: src/server.js, args: [--quiet], permissions: [{name: edit}]}
      """;

  @ParameterizedTest
  @ValueSource(strings = {PATH, GIT, PACKAGE})
  void aSourceWithoutAManifestGetsTheOneOfItsEntry(String source) throws IOException {
    AppVersion version = version(tree(APP.formatted(source)));
    DropappManifest manifest = version.additions().manifest().orElseThrow().manifest();
    assertThat(manifest.name()).isEqualTo("board");
    assertThat(manifest.version()).isEqualTo("2.1.0");
    assertThat(manifest.entrypoint()).isEqualTo("src/server.js");
    assertThat(manifest.launchOptions().args()).containsExactly("--quiet");
    assertThat(version.additions().lock().map(LockFile::path)).contains("apps/board.lock");
    assertThat(version.additions().manifest().orElseThrow().json()).contains("\"2.1.0\"");
  }

  @Test
  void theSameFileInTheFolderIsReportedAtBothPlaces() throws IOException {
    MapTree tree =
        tree(APP.formatted(PATH))
            .with(
                "programs/board/dropapp.json",
                "{\"name\": \"b\", \"version\": \"2.1.0\", \"entrypoint\": \"src/server.js\"}")
            .with("programs/board/deno.lock", "{}");
    assertThat(problems(tree))
        .extracting(Problem::toString)
        .containsExactly(
            "apps/board.yaml:8:13: error: the folder `programs/board` has a deno.lock of its own"
                + " (remove `lock` from the entry, or the file)",
            "apps/board.yaml:9:17: error: the folder `programs/board` has a dropapp.json of its own"
                + " (remove `manifest` from the entry, or the file)");
  }

  @Test
  void filesThatAreMissingAreReportedInTheEntry() throws IOException {
    String app = APP.formatted(PATH);
    assertThat(problems(tree(app.replace("src/server.js", "src/other.js"))))
        .extracting(Problem::toString)
        .containsExactly(
            "apps/board.yaml:9:17: error: the entrypoint `src/other.js` is not in the app's folder"
                + " (commit the file, or correct the path)");
    assertThat(problems(tree(app.replace("programs/board", "programs/none"))))
        .extracting(Problem::message)
        .containsExactly("the folder `programs/none` does not exist");
    assertThat(problems(tree(app.replace("board.lock", "none.lock"))))
        .extracting(Problem::message)
        .containsExactly("the lock file `apps/none.lock` does not exist");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{entrypoint: ../main.ts}",
        "{entrypoint: /etc/passwd}",
        "{entrypoint: 'npm:a b'}",
        "{entrypoint: src/server.js, version: 2.2.0}",
        "{entrypoint: src/server.js, env: {LD_PRELOAD: x}}",
        "{entrypoint: src/server.js, args: ['a\tb']}",
        "{name: board}",
        "{}",
        "src/server.js",
      })
  void aManifestThatIsNotValidIsReportedInItsLine(String manifest) throws IOException {
    String app = APP.formatted(GIT).replaceAll("manifest: .*", "");
    for (String source : List.of(PATH, GIT, PACKAGE)) {
      String text =
          app.replace(GIT, source).stripTrailing() + "\n      manifest: " + manifest + "\n";
      assertThat(problems(tree(text)))
          .as(text)
          .isNotEmpty()
          .allSatisfy(problem -> assertThat(problem.toString()).startsWith("apps/board.yaml:9:"));
    }
  }

  @Test
  void permissionsOfTheEntryCanBeGranted() throws IOException {
    String appspace =
        InstanceReaderTest.APPSPACE
            .replace("garden", "notes")
            .replace("{name: weather, version: 1.0.0}", "{name: board, version: 2.1.0}");
    String app = APP.formatted(GIT).replace("edit", "view");
    assertThat(problems(tree(app).with("appspaces/notes.yaml", appspace))).isEmpty();
    assertThat(problems(tree(APP.formatted(GIT)).with("appspaces/notes.yaml", appspace)))
        .extracting(Problem::message)
        .containsExactly("the app board declares no permission `view`");
  }

  private static MapTree tree(String app) {
    return InstanceReaderTest.tree()
        .with("apps/board.yaml", app)
        .with("apps/board.lock", "{}")
        .with("programs/board/src/server.js", "");
  }

  private static List<Problem> problems(MapTree tree) throws IOException {
    return READER.read(tree, ReadOptions.WHOLE_REPOSITORY).problems();
  }

  private static AppVersion version(MapTree tree) throws IOException {
    ReadResult result = READER.read(tree, ReadOptions.WHOLE_REPOSITORY);
    assertThat(result.problems()).isEmpty();
    return Optional.ofNullable(result.instance().orElseThrow().apps().get("board"))
        .flatMap(app -> app.version("2.1.0"))
        .orElseThrow();
  }
}
