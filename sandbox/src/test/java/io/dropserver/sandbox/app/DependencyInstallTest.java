package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("slow")
class DependencyInstallTest {
  private static final String APP =
      "import { answer } from \"%s\"; export default {fetch: () => new Response(answer)};";
  private static final String MODULE = "export const answer = '42';";
  private static final String REGISTRY_VARIABLE = "NPM_CONFIG_REGISTRY";

  /** Reads every file that it finds, and throws if one belongs to another app or can be written. */
  private static final String SPY =
      """
      import fs from "node:fs";
      const mark = ["MARK-OF-THE", "NEIGHBOUR"].join("-"); // the whole mark is not in its own code
      let seen = 0;
      function search(folder, depth) {
        let names = [];
        try { names = fs.readdirSync(folder, { withFileTypes: true }); } catch { return; }
        for (const name of names) {
          const path = folder + "/" + name.name;
          if (name.isDirectory() && depth < 12) search(path, depth + 1);
          if (!name.isFile()) continue;
          try {
            seen++;
            if (fs.readFileSync(path, "latin1").includes(mark)) throw new RangeError(path);
          } catch (error) { if (error instanceof RangeError) throw error; }
        }
      }
      for (const folder of ["/dropserver/cache", "/dropserver/cache/..", "/dropserver/cache/../..",
        "/dropserver", "/app/../..", "/proc/self/root", "/proc/1/root", "/tmp/.."]) search(folder, 0);
      if (seen === 0) throw new Error("nothing was read");
      let wrote = true;
      try { fs.writeFileSync("/dropserver/cache/evil.js", "x"); } catch { wrote = false; }
      if (wrote) throw new Error("the cache was written");
      export const answer = "42";
      """;

  @TempDir Path temp;
  private LocalRegistry registry;
  private InstallFixture fixture;
  private Path source;

  @BeforeEach
  void openStore() throws IOException {
    registry = new LocalRegistry();
    registry.serve("oracle", MODULE, "");
    fixture = new InstallFixture(temp, Map.of(REGISTRY_VARIABLE, registry.url().toString()));
    source = Files.createDirectory(temp.resolve("source"));
    write("dropapp.json", AppStoreTest.MANIFEST);
  }

  @AfterEach
  void close() {
    fixture.close();
    registry.close();
  }

  @Test
  void aPackageIsInstalledByItsLockAndLoadedWithoutNetwork() throws Exception {
    write("main.ts", APP.formatted("npm:oracle@1"));
    lock();
    InstalledApp app = fixture.install(source);
    assertThat(app.runtime()).isEqualTo(AppRuntime.FETCH);
    assertThat(app.denoDir().resolve("npm")).isNotEmptyDirectory();
  }

  @Test
  void importsOfTheConfigurationAreInstalledByTheLock() throws Exception {
    write("main.ts", APP.formatted("oracle"));
    write("deno.json", "{\"imports\": {\"oracle\": \"npm:oracle@^1.0.0\"}}");
    lock();
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  @Test
  void dependenciesOfAPackageJsonAreInstalledByTheLock() throws Exception {
    write("main.ts", APP.formatted("oracle"));
    write("package.json", "{\"dependencies\": {\"oracle\": \"^1.0.0\"}}");
    lock();
    FileTree.delete(source.resolve("node_modules"));
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  @Test
  void dependenciesOutsideTheRegistryAreRefused() throws IOException {
    write("main.ts", APP.formatted("oracle"));
    write("package.json", "{\"dependencies\": {\"oracle\": \"git+https://forge.example/x.git\"}}");
    assertThatThrownBy(() -> fixture.install(source))
        .hasMessageContaining("package.json: dependency \"oracle\"")
        .extracting("reason")
        .isEqualTo(AppReason.IMPORT_REFUSED);
  }

  /** The package's own script would leave a file in each place that an installation can write. */
  @Test
  void aLifecycleScriptNeverRuns() throws Exception {
    String script = "touch /data/ran /dropserver/cache/ran /run/app/ran /tmp/ran; exit 1";
    registry.serve(
        "oracle",
        MODULE,
        ", \"scripts\": {\"preinstall\": \"%s\", \"install\": \"%s\", \"postinstall\": \"%s\"}"
            .formatted(script, script, script));
    write("main.ts", APP.formatted("npm:oracle@1"));
    lock();
    InstalledApp app = fixture.install(source);
    assertThat(app.denoDir().resolve("ran")).doesNotExist();
  }

  @Test
  void aMissingLockIsRefusedWithTheRemedyWithoutARequestToTheRegistry() throws IOException {
    write("main.ts", APP.formatted("npm:oracle@1"));
    assertThatThrownBy(() -> fixture.install(source))
        .hasMessageContaining("has no deno.lock")
        .hasMessageContaining("commit deno.lock")
        .extracting("reason")
        .isEqualTo(AppReason.LOCK_MISMATCH);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void anAppWithoutDependenciesSendsNoRequests() throws IOException {
    write("main.ts", "export default {fetch: () => new Response('x')};");
    fixture.install(source);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void aLockThatLacksThePackageIsRefused() throws IOException {
    write("main.ts", APP.formatted("npm:oracle@1"));
    write("deno.lock", "{\"version\": \"5\"}");
    assertThatThrownBy(() -> fixture.install(source))
        .extracting("reason")
        .isEqualTo(AppReason.LOCK_MISMATCH);
  }

  @Test
  void aPackageThatChangedAfterItWasLockedIsRefused() throws Exception {
    write("main.ts", APP.formatted("npm:oracle@1"));
    lock();
    registry.serve("oracle", MODULE + "/* and a backdoor */", "");
    assertThatThrownBy(() -> fixture.install(source))
        .hasMessageContaining("checksum")
        .extracting("reason")
        .isEqualTo(AppReason.LOCK_MISMATCH);
  }

  @Test
  void anUpgradeOfDenoNeedsNeitherTheOriginNorTheRegistry() throws Exception {
    write("main.ts", APP.formatted("npm:oracle@1"));
    write("deno.json", "{\"imports\": {\"@/\": \"./\"}}");
    lock();
    FolderFiles files = FolderFiles.of(source);
    InstalledApp before = fixture.install(source);
    registry.close();
    FileTree.delete(source);
    var environment = Map.of(REGISTRY_VARIABLE, registry.url().toString());
    try (var upgraded = new InstallFixture(temp, environment, "3.0.0")) {
      InstalledApp after = upgraded.store.install("notes", "1.0.0", files, InstallProgress.SILENT);
      assertThat(after.denoDir()).isNotEqualTo(before.denoDir());
      assertThat(after.denoConfig()).hasSameTextualContentAs(before.denoConfig());
    }
  }

  @Test
  void aRegistryThatFailsIsNamed() throws Exception {
    write("main.ts", APP.formatted("npm:oracle@1"));
    lock();
    registry.close();
    assertThatThrownBy(() -> fixture.install(source))
        .extracting("reason")
        .isEqualTo(AppReason.DEPENDENCIES_FAILED);
  }

  @Test
  void aPackageReadsItsOwnFilesDuringTheInstallation() throws Exception {
    registry.serve(
        "oracle",
        """
        import { readFileSync } from "node:fs";
        import { fileURLToPath } from "node:url";
        const own = fileURLToPath(new URL("package.json", import.meta.url));
        export const answer = JSON.parse(readFileSync(own, "utf8")).name;
        """,
        "");
    write("main.ts", APP.formatted("npm:oracle@1"));
    lock();
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  /** The cache that a package may read is the one of its own app, and it cannot change it. */
  @Test
  void aPackageSeesNoOtherAppAndCannotChangeTheCache() throws Exception {
    registry.serve("neighbour", "export const answer = 'MARK-OF-THE-NEIGHBOUR';", "");
    write("main.ts", APP.formatted("npm:neighbour@1"));
    lock();
    fixture.install(source);
    registry.serve("oracle", SPY, "");
    write("main.ts", APP.formatted("npm:oracle@1"));
    Files.delete(source.resolve("deno.lock"));
    lock();
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  @Test
  void theProgramOfAPackageRunsWithItsArguments() throws Exception {
    registry.serve(
        "oracle",
        """
        import http from "node:http";
        import process from "node:process";
        if (process.argv.slice(2).join() !== "--answer,42" || !import.meta.main) process.exit(1);
        http.createServer((request, response) => response.end("42")).listen(3000);
        """,
        ", \"bin\": \"index.js\", \"exports\": {}");
    write(
        "dropapp.json",
        """
        {"name": "Notes", "version": "1.0.0", "entrypoint": "npm:oracle", "args": ["--answer", "42"]}
        """);
    write("deno.json", "{\"imports\": {\"oracle\": \"npm:oracle@1.0.0\"}}");
    lock();
    InstalledApp app = fixture.install(source);
    assertThat(app.runtime()).isEqualTo(AppRuntime.SERVE);
    assertThat(app.packageProgram().orElseThrow())
        .startsWith("/dropserver/cache/npm/")
        .endsWith("/oracle/1.0.0/index.js");
    assertThat(fixture.store.installed("notes", "1.0.0", app.contentId())).contains(app);
  }

  @Test
  void aPackageProgramWithoutALockIsRefusedWithoutRequests() throws IOException {
    write(
        "dropapp.json",
        "{\"name\": \"n\", \"version\": \"1.0.0\", \"entrypoint\": \"npm:oracle\"}");
    assertThatThrownBy(() -> fixture.install(source))
        .hasMessageContaining("deno add npm:oracle")
        .extracting("reason")
        .isEqualTo(AppReason.LOCK_MISMATCH);
    assertThat(registry.requests()).isEmpty();
  }

  /** Uses the registry that this Deno uses by default, which the installer must detect. */
  @Test
  void aFrameworkOfThePublicRegistryWorks() throws Exception {
    try (var plain = new InstallFixture(temp, Map.of())) {
      write(
          "main.ts",
          """
          import { Hono } from "npm:hono@4";
          import { cors } from "npm:hono@4/cors";
          const app = new Hono();
          app.use(cors());
          app.get("/", (c) => c.text("hi"));
          export default app;
          """);
      lock(Map.of());
      assertThat(plain.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
    }
  }

  /** The trial start in the sandbox fails unless the app answers. */
  @ParameterizedTest
  @ValueSource(strings = {"", ", \"type\": \"commonjs\""})
  void anExpressAppInCommonJsRunsUnmodified(String type) throws Exception {
    try (var plain = new InstallFixture(temp, Map.of())) {
      write(
          "dropapp.json",
          "{\"name\": \"Notes\", \"version\": \"1.0.0\", \"entrypoint\": \"index.js\"}");
      write("package.json", "{\"dependencies\": {\"express\": \"^4.19.2\"}" + type + "}");
      write("routes.js", "module.exports = (request, response) => response.send(__dirname);");
      write(
          "index.js",
          """
          const express = require("express");
          const app = express();
          app.get("/", require("./routes"));
          app.listen(process.env.PORT || 3000);
          module.exports = app; // a function, which is no fetch handler
          """);
      lock(Map.of());
      FileTree.delete(source.resolve("node_modules"));
      assertThat(plain.install(source).runtime()).isEqualTo(AppRuntime.SERVE);
    }
  }

  @Test
  void aFunctionIsAHandlerWhereTheManifestSaysSo() throws Exception {
    write("main.ts", "export default () => new Response('hi');");
    write(
        "dropapp.json",
        """
        {"name": "Notes", "version": "1.0.0", "entrypoint": "main.ts", "runtime": "fetch"}
        """);
    assertThat(fixture.install(source).runtime()).isEqualTo(AppRuntime.FETCH);
  }

  @Test
  void aModuleThatItsPackageDeclaresAsEsmHasNoRequire() throws Exception {
    write(
        "dropapp.json",
        "{\"name\": \"Notes\", \"version\": \"1.0.0\", \"entrypoint\": \"index.js\"}");
    write("package.json", "{\"type\": \"module\"}");
    write("index.js", "require('node:http').createServer((q, r) => r.end()).listen(3000);");
    assertThatThrownBy(() -> fixture.install(source))
        .hasMessageContaining("require is not defined");
  }

  private void lock() throws Exception {
    lock(Map.of(REGISTRY_VARIABLE, registry.url().toString()));
  }

  /** Creates the lock as the app's author would. */
  private void lock(Map<String, String> environment) throws Exception {
    List<String> command =
        new ArrayList<>(List.of(InstallFixture.deno().toString(), "install", "--lock=deno.lock"));
    if (Files.exists(source.resolve("main.ts"))) {
      command.addAll(List.of("--entrypoint", "main.ts"));
    }
    var builder = new ProcessBuilder(command).directory(source.toFile()).redirectErrorStream(true);
    builder.environment().putAll(environment);
    builder.environment().put("DENO_DIR", temp.resolve("author").toString());
    builder.environment().put("DENO_NO_UPDATE_CHECK", "1");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).describedAs(output).isZero();
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(source.resolve(name), text);
  }
}
