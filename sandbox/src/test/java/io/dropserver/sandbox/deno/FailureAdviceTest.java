package io.dropserver.sandbox.deno;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import io.dropserver.schema.instance.DropappManifest.WorkingFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FailureAdviceTest {
  @TempDir Path files;

  @BeforeEach
  void createFile() throws IOException {
    Files.createDirectory(files.resolve("views"));
    Files.writeString(files.resolve("views/index.ejs"), "x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "NotFound: No such file or directory (os error 2): readfile 'views/index.ejs'",
        "Error: ENOENT: no such file or directory, open './views/index.ejs'",
        "Error: ENOENT: no such file or directory, open '/data/views/index.ejs'",
        "Error: Failed to lookup view \"index\" in views directory \"/data/views\"",
      })
  void aFileOfTheAppThatWasLookedForInTheDataIsNamed(String output) {
    assertThat(advice(output, WorkingFolder.DATA))
        .contains("The app contains \"views")
        .contains("\"cwd\": \"app\"");
    assertThat(advice(output, WorkingFolder.APP)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error: ENOENT: no such file or directory, open 'missing.txt'",
        "Error: ENOENT: no such file or directory, open '../files/views/index.ejs'",
        "Error: ENOENT: no such file or directory, open '/etc/passwd'",
        "Error: ENOENT: no such file or directory, open '.'",
        "Error: ENOENT: no such file or directory, open 'a\0b'",
        "listening in 'views'",
        "",
      })
  void anotherCauseGetsNoAdvice(String output) {
    assertThat(advice(output, WorkingFolder.DATA)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error: EROFS: read-only file system, open 'db.json'",
        "NotCapable: Requires write access to \"db.json\", run again with the --allow-write flag",
        "NotCapable: Requires write access to \"/app/db.json\", run again with the --allow-write",
      })
  void writesIntoTheAppFolderSuggestTheDataFolder(String output) {
    assertThat(advice(output, WorkingFolder.APP)).contains("\"cwd\": \"data\"");
    assertThat(advice(output, WorkingFolder.DATA)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Error: Could not locate the bindings file. Tried: → /x/build/better_sqlite3.node",
        "Error: No native build was found for platform=linux arch=x64 runtime=node abi=147",
        "Error: Cannot find native binding. npm has a bug related to optional dependencies",
        "Error: Could not load the \"sharp\" module using the linux-x64 runtime",
        "NotCapable: Requires ffi access to \"/x/a.node\", run again with the --allow-ffi flag",
        "Error: Cannot find module '../build/Release/bcrypt.node'",
      })
  void aNativeAddonIsNamedWithWhatToUseInstead(String output) {
    assertThat(advice(output, WorkingFolder.DATA))
        .startsWith("\nIt needs a native addon")
        .contains("node:sqlite")
        .contains("WebAssembly");
  }

  @Test
  void aModuleThatIsNotInstalledSuggestsAStaticImport() {
    assertThat(
            advice(
                "TypeError: Requires import access to \"esm.sh:443\", run again with the"
                    + " --allow-import flag",
                WorkingFolder.DATA))
        .startsWith("\nModules are fetched when the app is installed");
  }

  private String advice(String output, WorkingFolder workingFolder) {
    DropappManifest manifest =
        new DropappManifest(
            "Test",
            "",
            "1.0.0",
            "main.ts",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            DataSchema.UNNAMED,
            new LaunchOptions(List.of(), new TreeMap<>(), workingFolder, new TreeMap<>()));
    return FailureAdvice.of(output, manifest, files);
  }
}
