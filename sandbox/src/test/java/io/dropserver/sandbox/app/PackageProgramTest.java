package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.NpmProgram;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class PackageProgramTest {
  @TempDir Path cache;

  @Test
  void theOnlyProgramIsFound() throws IOException {
    install("tool", "{\"bin\": {\"other\": \"./bin/run.js\"}, \"exports\": {}}");
    assertThat(locate("npm:tool"))
        .isEqualTo("/dropserver/cache/npm/registry.example/tool/1.0.0/bin/run.js");
  }

  @Test
  void theProgramWithTheNameOfTheScopedPackageComesFirst() throws IOException {
    install("@team/tool", "{\"bin\": {\"aaa\": \"main.js\", \"tool\": \"bin/run.js\"}}");
    assertThat(locate("npm:@team/tool")).endsWith("/@team/tool/1.0.0/bin/run.js");
    assertThat(locate("npm:@team/tool@1.0.0/aaa")).endsWith("/@team/tool/1.0.0/main.js");
  }

  @Test
  void aPackageWithSeveralProgramsRequiresAProgramName() throws IOException {
    install("tool", "{\"bin\": {\"a\": \"main.js\", \"b\": \"bin/run.js\"}}");
    assertThatThrownBy(() -> locate("npm:tool"))
        .hasMessageContaining("Write one of these: npm:tool@1.0.0/a, npm:tool@1.0.0/b");
  }

  @Test
  void aPackageWithoutAProgramIsRefused() throws IOException {
    install("tool", "{\"main\": \"main.js\"}");
    assertThatThrownBy(() -> locate("npm:tool")).hasMessageContaining("has no bin");
  }

  /** A hostile package cannot make the server or the sandbox run or read a file outside of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../other/1.0.0/main.js",
        "/etc/passwd",
        "bin/../../../other/1.0.0/main.js",
        "link.js",
        "linked/main.js",
        "bin",
        "missing.js",
        "..",
        "",
        "a\\u0000b"
      })
  void aProgramOutsideOfThePackageIsRefused(String path) throws IOException {
    install("other", "{}");
    Path folder = install("tool", "{\"bin\": \"" + path + "\"}");
    Files.createSymbolicLink(folder.resolve("link.js"), Path.of("/etc/passwd"));
    Files.createSymbolicLink(folder.resolve("linked"), folder.resolve("../../other/1.0.0"));
    assertThatThrownBy(() -> locate("npm:tool"))
        .isInstanceOfSatisfying(
            SandboxException.class,
            e -> assertThat(e.reason()).isEqualTo(AppReason.MANIFEST_INVALID));
  }

  @Test
  void aManifestBehindALinkIsNotRead() throws IOException {
    Path folder = install("tool", "{}");
    Path secret = Files.writeString(cache.resolve("secret"), "{\"bin\": \"main.js\"}");
    Files.delete(folder.resolve("package.json"));
    Files.createSymbolicLink(folder.resolve("package.json"), secret);
    assertThatThrownBy(() -> locate("npm:tool")).hasMessageContaining("has no package.json");
  }

  @Test
  void withoutALockTheMessageNamesTheCommandThatMakesIt() {
    assertThatThrownBy(() -> PackageProgram.locked(named("npm:tool@1"), Optional.empty()))
        .hasMessageContaining("the app has no deno.lock. Run \"deno add npm:tool@1\"");
    assertThatThrownBy(() -> PackageProgram.locked(named("npm:tool"), lock("npm:other@1", "1.0.0")))
        .hasMessageContaining("deno.lock does not contain it");
  }

  @Test
  void aVersionOfTheLockThatIsAPathIsRefused() {
    assertThatThrownBy(() -> PackageProgram.locked(named("npm:tool"), lock("npm:tool@1", "../..")))
        .hasMessageContaining("is no version");
  }

  @Test
  void peerDependenciesInALockAreNotPartOfTheVersion() {
    var program =
        PackageProgram.locked(named("npm:tool"), lock("npm:tool@^1", "1.2.0_react@19.0.0"));
    assertThat(program.version()).isEqualTo("1.2.0");
    assertThat(program.specifier()).isEqualTo("npm:tool@^1");
  }

  private String locate(String entrypoint) throws IOException {
    NpmProgram npmProgram = named(entrypoint);
    return PackageProgram.locked(npmProgram, lock("npm:" + npmProgram.name() + "@1.0.0", "1.0.0"))
        .locate(cache);
  }

  private static NpmProgram named(String entrypoint) {
    return NpmProgram.parse(entrypoint).orElseThrow();
  }

  private static Optional<ObjectNode> lock(String specifier, String version) {
    ObjectNode lock = AppConfig.JSON.createObjectNode();
    lock.putObject("specifiers").put(specifier, version);
    return Optional.of(lock);
  }

  private Path install(String name, String manifest) throws IOException {
    Path folder = cache.resolve("npm/registry.example").resolve(name).resolve("1.0.0");
    Files.createDirectories(folder.resolve("bin"));
    Files.writeString(folder.resolve("package.json"), manifest);
    Files.writeString(folder.resolve("main.js"), "");
    Files.writeString(folder.resolve("bin/run.js"), "");
    return folder;
  }
}
