package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.deno.DenoCommand;
import io.dropserver.sandbox.deno.DenoLayer;
import io.dropserver.sandbox.deno.NodeModuleDetector;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DenoInstallTest {
  private static final String HANDLER =
      "export default { fetch: (_: Request): Response => new Response('hello') };";

  @TempDir Path temp;
  private InstallFixture fixture;
  private Path source;

  @BeforeEach
  void openStore() throws IOException {
    fixture = new InstallFixture(temp, Map.of());
    source = Files.createDirectory(temp.resolve("source"));
    write("dropapp.json", AppStoreTest.MANIFEST);
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aHandlerIsTypeStrippedCompiledAndRecognised() throws IOException {
    write("main.ts", HANDLER);
    InstalledApp app = fixture.install(source);
    assertThat(app.runtime()).isEqualTo(AppRuntime.FETCH);
    assertThat(filesBelow(app.denoDir()))
        .anyMatch(name -> name.endsWith("app/main.ts.js"))
        .contains("v8_code_cache_v2", "v8_code_cache_v2-wal", "v8_code_cache_v2-shm");
    assertThat(app.denoConfig()).content().contains("\"lock\" : false");
  }

  /**
   * If a module were not compiled, Deno would try to write it into the read-only cache and sleep
   * for 150 ms.
   */
  @Test
  void modulesLoadedAtStartAreCompiledAtInstall() throws IOException {
    List<String> programs =
        List.of(
            HANDLER,
            "import { join } from 'node:path'; "
                + HANDLER.replace("'hello'", "join('hello', 'x')"));
    for (String program : programs) {
      write("main.ts", program);
      InstalledApp app = fixture.install(source);
      boolean usesNode = NodeModuleDetector.isUsedBy(app.files(), app.denoDir());
      assertThat(usesNode).isEqualTo(program.contains("node:"));
      assertThat(DenoCommand.run(app, usesNode, DenoLayer.ON))
          .filteredOn(argument -> argument.endsWith(".ts"))
          .hasSizeGreaterThan(1)
          .allSatisfy(
              module -> assertThat(Path.of(app.denoDir() + "/gen/file" + module + ".js")).exists());
    }
  }

  @Test
  void theFirstStartHasTheArgumentsVariablesAndWorkingFolderOfTheManifest() throws IOException {
    write(
        "dropapp.json",
        """
        {"name": "n", "version": "1.0.0", "entrypoint": "main.ts", "cwd": "app",
         "args": ["--allow-all", "a b"], "env": {"GREETING": "hi"}}
        """);
    write("public/a.txt", "x");
    write(
        "main.ts",
        "if (Deno.args.join() !== '--allow-all,a b' || Deno.env.get('GREETING') !== 'hi' ||"
            + " Deno.env.get('PORT') !== '8080' || Deno.readTextFileSync('public/a.txt') !== 'x')"
            + " throw new Error(Deno.args.join());"
            + HANDLER);
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  @Test
  void theFirstStartFindsTheFilesOfTheManifestInTheDataFolder() throws IOException {
    write(
        "dropapp.json",
        """
        {"name": "n", "version": "1.0.0", "entrypoint": "main.ts",
         "files": {"wiki/info": "written once"}}
        """);
    write(
        "main.ts",
        "if (Deno.readTextFileSync('wiki/info') !== 'written once') throw new Error('wrong');"
            + HANDLER);
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  @Test
  void readsOfAppFilesBelowTheDataFolderSuggestTheAppFolder() throws IOException {
    write("public/a.txt", "x");
    write("main.ts", "Deno.readTextFileSync('public/a.txt');" + HANDLER);
    assertRefused(AppReason.SELF_CHECK_FAILED)
        .hasMessageContaining(
            "The app contains \"public/a.txt\", but relative paths start in /data")
        .hasMessageContaining("write \"cwd\": \"app\"");
  }

  @Test
  void writesToAReadOnlyWorkingFolderSuggestTheDataFolder() throws IOException {
    write(
        "dropapp.json",
        "{\"name\": \"n\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\", \"cwd\": \"app\"}");
    write("main.ts", "import fs from 'node:fs'; fs.writeFileSync('a.txt', 'x');" + HANDLER);
    assertRefused(AppReason.SELF_CHECK_FAILED)
        .hasMessageContaining("/data was meant, write \"cwd\": \"data\"");
  }

  @Test
  void aNativeAddonIsNamedWithWhatToUseInstead() throws IOException {
    write(
        "main.ts",
        "import process from 'node:process'; process.dlopen({exports: {}}, '/app/a.node');"
            + HANDLER);
    assertRefused(AppReason.SELF_CHECK_FAILED)
        .hasMessageContaining("native addon")
        .hasMessageContaining("node:sqlite");
  }

  @Test
  void aProgramThatServesByItselfIsRecognised() throws IOException {
    write("main.ts", "Deno.serve(() => new Response('hello'));");
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.SERVE);
  }

  @Test
  void aProgramThatServesWithNodeIsRecognised() throws IOException {
    write(
        "main.ts",
        "import http from 'node:http'; http.createServer((_, r) => r.end('x')).listen(8000);");
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.SERVE);
  }

  @Test
  void anAppMayOpenItsStoresAsItLoads() throws IOException {
    write(
        "main.ts",
        "const kv = await Deno.openKv(); await kv.set(['a'], 1); localStorage.setItem('a', '1');"
            + " export default {fetch: async () => Response.json((await kv.get(['a'])).value)};");
    InstalledApp app = fixture.install(source);
    assertThat(app.runtime()).isEqualTo(AppRuntime.FETCH);
    assertThat(app.denoDir().resolve("location_data")).isEmptyDirectory();
  }

  @Test
  void anAppThatThrowsIsRefusedWithItsSanitizedMessage() throws IOException {
    write("main.ts", "throw new Error('the \\x1b[31mflux\\x1b[0m capacitor is \\u202emissing');");
    assertRefused(AppReason.SELF_CHECK_FAILED)
        .hasMessageContaining("main.ts")
        .hasMessageContaining("flux capacitor is")
        .message()
        .doesNotContain("\u001B", "\u202E");
  }

  @Test
  void anAppWithASyntaxErrorIsRefusedWithItsPlace() throws IOException {
    write("main.ts", "export default {\n  fetch( {\n};");
    assertRefused(AppReason.IMPORT_REFUSED).hasMessageContaining("main.ts:");
  }

  @Test
  void anAppHasNoNetwork() throws IOException {
    write(
        "main.ts",
        "const c = await Deno.connect({hostname: '127.0.0.1', port: 1}); export default {fetch: ()"
            + " => c};");
    assertRefused(AppReason.SELF_CHECK_FAILED).hasMessageContaining("NotCapable");
  }

  @Test
  void aRemoteImportIsRefusedByName() throws IOException {
    write("main.ts", "import 'https://modules.example/x.ts'; " + HANDLER);
    assertRefused(AppReason.IMPORT_REFUSED).hasMessageContaining("modules.example");
    write("deno.lock", "{\"version\": \"5\"}");
    assertRefused(AppReason.IMPORT_REFUSED).hasMessageContaining("modules.example");
    write("main.ts", "import 'https://esm.sh/x.ts'; " + HANDLER);
    assertRefused(AppReason.IMPORT_REFUSED).hasMessageContaining("https://esm.sh/x.ts");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void allRemoteImportsAreListedWithTheirPlaces(boolean locked) throws IOException {
    write(
        "main.ts",
        "import 'https://modules.example/x.ts';\nimport './lib.ts'; import type {T} from"
            + " 'https://types.example/t.ts';\n"
            + HANDLER);
    write("lib.ts", "\nexport * from 'https://esm.sh/y.ts'; await import('http://z.example/z');");
    if (locked) {
      write("deno.lock", "{\"version\": \"5\"}");
    }
    assertRefused(AppReason.IMPORT_REFUSED)
        .hasMessageContaining("https://modules.example/x.ts at file:///app/main.ts:1:8")
        .hasMessageContaining("https://esm.sh/y.ts at file:///app/lib.ts:2:15")
        .hasMessageContaining("http://z.example/z at file:///app/lib.ts:2:51")
        .message()
        .doesNotContain("types.example");
  }

  @Test
  void aRemoteImportInTheImportMapIsRefused() throws IOException {
    write("main.ts", HANDLER);
    write("deno.json", "{\"imports\": {\"x\": \"https://modules.example/x.ts\"}}");
    assertRefused(AppReason.IMPORT_REFUSED).hasMessageContaining("deno.json: import \"x\"");
  }

  @Test
  void theAppsOwnConfigurationNeverReachesDeno() throws IOException {
    write(
        "deno.json",
        """
        // a comment
        {"imports": {"@/": "./"}, "tasks": {"x": "y"}, "permissions": {"default": {"run": true}},
         "compilerOptions": {"jsx": "react-jsx", "jsxImportSource": "@/lib", "types": ["https://modules.example/t"]},}
        """);
    write("lib/deno.json", "{\"imports\": {\"@/\": \"https://modules.example/\"}}");
    write("lib/util.ts", "export const hello: string = 'hello';");
    write(
        "main.ts",
        "import { hello } from '@/lib/util.ts'; export default {fetch: () => new"
            + " Response(hello)};");
    InstalledApp app = fixture.install(source);
    assertThat(filesBelow(app.files()))
        .containsExactlyInAnyOrder("deno.json", "dropapp.json", "lib/util.ts", "main.ts");
    assertThat(app.files().resolve("deno.json"))
        .hasSameTextualContentAs(app.denoConfig())
        .content()
        .contains("file:///app/", "jsxImportSource")
        .doesNotContain("tasks", "permissions", "example");
  }

  /**
   * DENO_DIR is writable in the first start only, and Deno's permissions do not contain it. Code in
   * it would run before the app's, also in a sandbox that waits for its appspace.
   */
  @Test
  void anAppCannotReplaceTheCompiledRuntime() throws IOException {
    write("main.ts", "import 'node:fs'; import 'node:module'; import 'node:sqlite'; " + HANDLER);
    Map<String, String> expected = compiledRuntime(fixture.install(source));
    assertThat(expected).containsKeys("main.ts.js", "preload.ts.js", "serve.ts.js");
    write(
        "main.ts",
        """
        import fs from "node:fs";
        import module from "node:module";
        import { DatabaseSync } from "node:sqlite";
        const runtime = "/dropserver/runtime/", cache = "/dropserver/cache/";
        const gen = cache + "gen/file" + runtime;
        const done: string[] = [];
        const attempt = async (name: string, f: () => unknown) => {
          try { await f(); done.push(name); } catch { /* as it should */ }
        };
        const sql = (text: string) => {
          const database = new DatabaseSync(":memory:");
          database.exec("CREATE TABLE a (b)");
          database.exec(text);
        };
        Deno.writeTextFileSync("/data/evil", "throw 1");
        for (const name of ["main.ts.js", "wait.ts.js"]) {
          await attempt("write", () => Deno.writeTextFileSync(gen + name, "throw 1"));
          await attempt("fs", () => fs.writeFileSync("/data/../" + gen + name, "throw 1"));
          await attempt("rename", () => Deno.renameSync("/data/evil", gen + name));
          await attempt("copy", () => fs.copyFileSync("/data/evil", gen + name));
          await attempt("link", () => Deno.linkSync(gen + name, "/data/own"));
          await attempt("remove", () => Deno.removeSync(gen + name));
          await attempt("vacuum", () => sql(`VACUUM INTO '${gen}${name}'`));
        }
        await attempt("symlink", () => Deno.symlinkSync(cache, "/data/link"));
        await attempt("fs.symlink", () => fs.symlinkSync(cache, "/data/link"));
        await attempt("attach", () => sql(`ATTACH '${cache}v8_code_cache_v2' AS c`));
        await attempt("open", () => new DatabaseSync(cache + "v8_code_cache_v2"));
        // deno-lint-ignore no-explicit-any
        (module as any).registerHooks({
          load: (url: string, context: unknown, next: (...it: unknown[]) => unknown) =>
            url.endsWith("/wait.ts")
              ? { format: "module", shortCircuit: true, source: "globalThis.EVIL = 'evil-mark';" }
              : next(url, context),
        });
        await import("file://" + runtime + "wait.ts");
        if (done.length > 0) throw new Error("done: " + done.join());
        """
            + HANDLER);
    InstalledApp app = fixture.install(source);
    assertThat(compiledRuntime(app)).isEqualTo(expected);
    String codeCache = "";
    for (String name : List.of("v8_code_cache_v2", "v8_code_cache_v2-wal")) {
      codeCache += Files.readString(app.denoDir().resolve(name), StandardCharsets.ISO_8859_1);
    }
    assertThat(codeCache).contains("runtime/preload.ts").doesNotContain("runtime/wait.ts");
  }

  private static Map<String, String> compiledRuntime(InstalledApp app) throws IOException {
    Map<String, String> compiled = new TreeMap<>();
    Path folder = app.denoDir().resolve("gen/file/dropserver/runtime");
    for (String name : filesBelow(folder)) {
      String text = Files.readString(folder.resolve(name));
      // With hooks, Deno computes other checksums.
      compiled.put(name, text.substring(0, text.indexOf("// denoCacheMetadata=")));
    }
    return compiled;
  }

  @Test
  void anInstallationLeavesNoWorkBehind() throws IOException {
    write("main.ts", HANDLER);
    InstalledApp app = fixture.install(source);
    assertThat(app.files().resolveSibling("work")).doesNotExist();
    assertThat(fixture.folder.resolve(".tmp")).isEmptyDirectory();
  }

  private AbstractThrowableAssert<?, ? extends Throwable> assertRefused(AppReason reason) {
    return assertThatThrownBy(() -> fixture.install(source))
        .isInstanceOfSatisfying(
            SandboxException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static List<String> filesBelow(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(path -> folder.relativize(path).toString())
          .toList();
    }
  }

  private void write(String name, String text) throws IOException {
    Path file = source.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
