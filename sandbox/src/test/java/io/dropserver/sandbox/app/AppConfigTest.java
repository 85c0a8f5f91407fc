package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AppConfigTest {
  @TempDir Path temp;
  private InstallFolder install;

  @BeforeEach
  void createFolders() throws IOException {
    install = new InstallFolder(temp);
    Files.createDirectory(install.files());
    Files.createDirectory(install.cache());
  }

  @Test
  void importsComeFromAllThreePlacesAndTheOwnOnesWin() throws IOException {
    write("deno.json", "{\"importMap\": \"./map.json\"}");
    write(
        "map.json", "{\"imports\": {\"a\": \"npm:a@1\", \"@/\": \"./src/\", \"fs\": \"node:fs\"}}");
    write(
        "package.json",
        "{\"dependencies\": {\"a\": \"2\", \"b\": \"^1.2 || 3\", \"c\": \"npm:d@4\", \"e\":"
            + " \"\"}}");
    assertThat(AppConfig.read(install.files()).imports())
        .containsExactly(
            entry("@/", "file:///app/src/"),
            entry("a", "npm:a@1"),
            entry("b", "npm:b@^1.2 || 3"),
            entry("c", "npm:d@4"),
            entry("e", "npm:e@*"),
            entry("fs", "node:fs"));
  }

  @Test
  void commonJsIsDetectedOnlyInAFolderForNode() throws IOException {
    write("deno.json", "{\"unstable\": [\"ffi\", \"temporal\"]}");
    assertThat(AppConfig.read(install.files()).unstable()).containsExactly("kv", "temporal");
    write("package.json", "{}");
    assertThat(AppConfig.read(install.files()).unstable())
        .containsExactly("detect-cjs", "kv", "temporal");
    write("deno.json", "{\"unstable\": [\"detect-cjs\"]}");
    assertThat(AppConfig.read(install.files()).unstable()).containsExactly("detect-cjs", "kv");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://modules.example/x.ts",
        "http://modules.example/x.ts",
        "//modules.example/x.ts",
        "file:///etc/passwd",
        "file://host/app/x",
        "../data/x.ts",
        "./../../etc/",
        "/etc/passwd",
        "data:text/javascript,1",
        "%2e%2e/%2e%2e/etc",
        "a b",
        ""
      })
  void anImportThatPointsOutsideTheAppIsRefusedOrResolvedInside(String target) throws IOException {
    write("deno.json", "{\"imports\": {\"x\": \"" + target + "\"}}");
    if (target.startsWith("%2e") || target.isEmpty()) {
      assertThat(AppConfig.read(install.files()).imports().get("x")).startsWith("file:///app/");
      return;
    }
    assertThatThrownBy(() -> AppConfig.read(install.files())).hasMessageContaining("import \"x\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:../x",
        "link:../x",
        "workspace:*",
        "git+ssh://x/y",
        "https://x/y.tgz",
        "user/repo",
        "catalog:"
      })
  void dependenciesOtherThanVersionsAreRefused(String range) throws IOException {
    write("package.json", "{\"dependencies\": {\"a\": \"" + range + "\"}}");
    assertThatThrownBy(() -> AppConfig.read(install.files()))
        .hasMessageContaining("dependency \"a\"");
  }

  @Test
  void theLockNamesThePackagesAsDenoDoes() throws IOException {
    write(
        "deno.json",
        "{\"imports\": {\"a\": \"npm:@s/a@1/sub/path\", \"b\": \"jsr:/@s/b@^2\", \"c\": \"npm:c\","
            + " \"d\": \"npm:@s/a@1\"}}");
    write("deno.lock", "{\"version\": \"5\", \"workspace\": {\"links\": {\"npm:x\": {}}}}");
    AppConfigWriter.write(install, AppConfig.read(install.files()));
    assertThat(AppConfig.JSON.readTree(Files.readString(install.cache().resolve("deno.lock"))))
        .isEqualTo(
            AppConfig.JSON.readTree(
                "{\"version\": \"5\", \"workspace\": {\"dependencies\": [\"jsr:@s/b@^2\","
                    + " \"npm:@s/a@1\", \"npm:c\"]}}"));
  }

  @Test
  void anInvalidJsonConfigurationIsRefusedByFileName() throws IOException {
    write("deno.jsonc", "{\"imports\": ");
    assertThatThrownBy(() -> AppConfig.read(install.files()))
        .hasMessageContaining("deno.jsonc of the app");
  }

  private void write(String name, String text) throws IOException {
    Files.writeString(install.files().resolve(name), text);
  }
}
