package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.status.AppReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class DependencyInstallTest {
  private static final String APP =
      "import { answer } from \"%s\"; export default {fetch: () => new Response(answer)};";
  private static final String MODULE = "export const answer = '42';";
  private static final String REGISTRY_VARIABLE = "NPM_CONFIG_REGISTRY";

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
  void aDependencyThatIsNoRegistrysIsRefused() throws IOException {
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

  private void lock() throws Exception {
    lock(Map.of(REGISTRY_VARIABLE, registry.url().toString()));
  }

  /** Creates the lock as the app's author would. */
  private void lock(Map<String, String> environment) throws Exception {
    var command =
        List.of(
            InstallFixture.deno().toString(),
            "install",
            "--lock=deno.lock",
            "--entrypoint",
            "main.ts");
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
