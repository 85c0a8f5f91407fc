package io.dropserver.cli.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.instance.DropappManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestInferenceTest {
  @TempDir Path temporary;
  private Path app;

  @BeforeEach
  void makeFolder() throws IOException {
    app = Files.createDirectory(temporary.resolve("notes"));
  }

  @Test
  void eachValueIsPrintedWithItsPlace() throws IOException {
    write("server.js", "");
    write(
        "package.json",
        """
        {
          "name": "@me/weather",
          "version": "2.1.0",
          "main": "./server.js",
          "dependencies": {"express": "5.1.0"}
        }
        """);
    AppFolder read = AppFolder.read(app);
    assertThat(read.manifest().name()).isEqualTo("@me/weather");
    assertThat(read.manifest().version()).isEqualTo("2.1.0");
    assertThat(read.manifest().entrypoint()).isEqualTo("server.js");
    assertThat(read.inferred())
        .containsExactly(
            "inferred: name \"@me/weather\", from package.json:2 (name)",
            "inferred: version \"2.1.0\", from package.json:3 (version)",
            "inferred: entrypoint \"server.js\", from package.json:4 (main)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "package.json | {'scripts': {'start': 'node src/a.js'}}",
        "package.json | {'scripts': {'start': 'node ./src/a.js'}}",
        "package.json | {'main': 'missing.js', 'scripts': {'start': 'node src/a.js'}}",
        "package.json | {'scripts': {'start': 'deno run -A --allow-net=a.example src/a.js'}}",
        "package.json | {'main': 'lib.js', 'scripts': {'start': 'node src/a.js'}}",
        "package.json | {'bin': 'src/a.js'}",
        "package.json | {'bin': {'one': './src/a.js'}}",
        "deno.json | {'tasks': {'start': 'deno run --allow-all src/a.js'}}",
        "deno.jsonc | {/* it */ 'tasks': {'start': 'deno run src/a.js',}, // end",
      })
  void anEntrypointIsFoundInEachPlace(String name, String json) throws IOException {
    write("src/a.js", "");
    write("lib.js", "");
    write(name, json.replace('\'', '"') + (json.endsWith("end") ? "\n}" : ""));
    DropappManifest manifest = AppFolder.read(app).manifest();
    assertThat(manifest.entrypoint()).isEqualTo("src/a.js");
    assertThat(manifest.name()).as("the folder's").isEqualTo("notes");
    assertThat(manifest.version()).isEqualTo("0.0.0");
    assertThat(manifest.egress()).isEmpty();
    assertThat(manifest.permissions()).isEmpty();
    assertThat(manifest.browser()).isEmpty();
    assertThat(manifest.launchOptions().args()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "src/a.js | {'main': 'src/a'}",
        "src/a.js | {'main': './src/a'}",
        "src/a.js | {'scripts': {'start': 'node src/a'}}",
        "src/index.js | {'main': 'src'}",
        "src/index.js | {'main': './src/'}",
        "src/index.js | {'scripts': {'start': 'node src'}}",
        "index.js | {'main': '.'}",
        "index.js | {'main': './'}",
        "index.js | {'scripts': {'start': 'node .'}}",
        "exact/b | {'main': 'exact/b'}",
      })
  void anEntrypointIsFoundAsNodeFindsIt(String file, String json) throws IOException {
    for (String name :
        List.of("src/a.js", "src/index.js", "index.js", "exact/b", "exact/b.js", "main.ts")) {
      write(name, "");
    }
    write("package.json", json.replace('\'', '"'));
    assertThat(AppFolder.read(app).manifest().entrypoint()).isEqualTo(file);
  }

  @Test
  void theFirstFileByConventionIsTaken() throws IOException {
    for (String name :
        List.of("app.js", "server.js", "index.js", "main.js", "index.ts", "mod.ts", "main.ts")) {
      write(name, "");
      assertThat(AppFolder.read(app).manifest().entrypoint()).isEqualTo(name);
    }
  }

  /** Each value is named with its reason, and never gets into a manifest. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'main': '../x.js'} | not a path inside",
        "{'main': 'a/../../x.js'} | not a path inside",
        "{'main': '/etc/passwd'} | not a path inside",
        "{'main': ''} | main",
        "{'main': '.'} | main",
        "{'main': 'link.js'} | not a regular file",
        "{'main': 'linked/x.js'} | linked folder",
        "{'main': 'linked/x'} | no such file",
        "{'main': 'linked'} | not a regular file",
        "{'main': '../x'} | not a path inside",
        "{'main': 'npm:cowsay'} | dropapp.json",
        "{'main': 'a\\u0000.js'} | main",
        "{'main': 'a\\u001b[2J.js'} | main",
        "{'main': '\\ud800.js'} | main",
        "{'scripts': {'start': 'node a.js && rm -rf /'}} | alone",
        "{'scripts': {'start': 'node a.js; id'}} | alone",
        "{'scripts': {'start': 'node $(id).js'}} | alone",
        "{'scripts': {'start': 'node `id`'}} | alone",
        "{'scripts': {'start': 'node a.js\\nid'}} | alone",
        "{'scripts': {'start': 'node --require x a.js'}} | alone",
        "{'scripts': {'start': 'PORT=1 node a.js'}} | alone",
        "{'scripts': {'start': 'deno run --config x a.js'}} | alone",
        "{'scripts': {'start': 'deno run -A https://x.example/a.js'}} | alone",
        "{'scripts': {'start': 'node ../x.js'}} | not a path inside",
        "{'bin': {'one': 'a.js', 'two': 'a.js'}} | 2 programs",
        "{'bin': {'one': '../x.js'}} | not a path inside",
        "{'main' | not valid JSON",
      })
  void hostileValuesAreNotUsed(String json, String reason) throws IOException {
    write("a.js", "");
    Files.writeString(temporary.resolve("x.js"), "");
    Files.createSymbolicLink(app.resolve("link.js"), Path.of("a.js"));
    Files.createSymbolicLink(app.resolve("linked"), temporary);
    write("package.json", json.replace('\'', '"'));
    assertThatThrownBy(() -> AppFolder.read(app))
        .isInstanceOf(CommandException.class)
        .message()
        .contains("has no dropapp.json", "not used: package.json", reason)
        .doesNotContain("\u001b", "\u0000");
    write("main.ts", "");
    assertThat(AppFolder.read(app).manifest().entrypoint()).isEqualTo("main.ts");
  }

  @Test
  void namesAndVersionsThatNoManifestMayHaveAreNotUsed() throws IOException {
    write("main.ts", "");
    String json = "{\"name\": \"%s\", \"version\": \"1 0\"}".formatted("x".repeat(101));
    write("package.json", json);
    write("deno.json", "{\"name\": \"@me/second\", \"version\": \"3.0.0\"}");
    AppFolder read = AppFolder.read(app);
    assertThat(read.manifest().name()).isEqualTo("@me/second");
    assertThat(read.manifest().version()).isEqualTo("3.0.0");
    assertThat(read.inferred()).anyMatch(it -> it.startsWith("not used: package.json:1 (version)"));
    assertThat(read.inferred()).allMatch(it -> it.length() < 400);
  }

  @Test
  void aLargeADeepAndALinkedFileAreNotUsed() throws IOException {
    write("main.ts", "");
    write("other.js", "");
    write("package.json", "{\"main\": \"other.js\", \"x\": \"" + "x".repeat(10 << 20) + "\"}");
    assertThat(AppFolder.read(app).inferred())
        .contains("not used: package.json: larger than 1 MiB");
    write("package.json", "{\"main\": \"other.js\", \"x\": " + "[".repeat(500_000));
    assertThat(AppFolder.read(app).inferred())
        .contains("not used: package.json: not valid JSON")
        .contains("inferred: entrypoint \"main.ts\", from its usual name");
    Files.move(app.resolve("package.json"), temporary.resolve("package.json"));
    Files.createSymbolicLink(app.resolve("package.json"), temporary.resolve("package.json"));
    assertThat(AppFolder.read(app).inferred())
        .contains("not used: package.json: not a regular file");
  }

  @ParameterizedTest
  @ValueSource(strings = {"deno run%s main.ts;", "deno run%s"})
  void aCommandOfManyFlagsIsRefusedAtOnce(String command) throws IOException {
    write("app.js", "");
    String start = command.formatted(" -A".repeat(300_000));
    write("package.json", "{\"scripts\": {\"start\": \"" + start + "\"}}");
    AppFolder read = AppFolder.read(app);
    assertThat(read.manifest().entrypoint()).isEqualTo("app.js");
    assertThat(read.inferred()).allMatch(it -> it.length() < 400);
  }

  private void write(String path, String text) throws IOException {
    Path file = app.resolve(path);
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.writeString(file, text);
  }
}
