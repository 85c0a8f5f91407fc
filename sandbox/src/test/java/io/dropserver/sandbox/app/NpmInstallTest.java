package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App.NpmSource;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/** Sources that are packages of a registry, which the tests fill. */
@Tag("slow")
class NpmInstallTest {
  private static final String PROGRAM =
      """
      import http from "node:http";
      import { answer } from "helper";
      import process from "node:process";
      if (process.argv.length !== 2 + Number(process.env.EXPECTED ?? 0)) process.exit(1);
      http.createServer((request, response) => response.end(answer)).listen(3000);
      """;
  private static final String DEPENDS = ", \"dependencies\": {\"helper\": \"^1.0.0\"}";
  private static final String BIN = ", \"bin\": {\"anything\": \"index.js\"}";
  private static final NpmSource ORACLE = NpmSources.of("oracle");

  @TempDir Path temp;
  private LocalRegistry registry;
  private InstallFixture fixture;

  @BeforeEach
  void openStore() throws IOException {
    registry = new LocalRegistry();
    registry.serve("helper", "export const answer = '42';", "");
    registry.serve("oracle", PROGRAM, BIN + DEPENDS);
    fixture = new InstallFixture(temp, Map.of("NPM_CONFIG_REGISTRY", registry.url().toString()));
  }

  @AfterEach
  void close() {
    fixture.close();
    registry.close();
  }

  @Test
  void withoutAManifestTheOnlyProgramServesWithoutArguments() throws IOException {
    InstalledApp app = install(ORACLE, resolve(ORACLE));
    assertThat(app.runtime()).isEqualTo(AppRuntime.SERVE);
    assertThat(app.packageProgram().orElseThrow()).endsWith("/oracle/1.0.0/index.js");
    assertThat(app.files()).isDirectoryContaining(file -> file.endsWith("dropapp.json"));
    assertThat(fixture.store.installed("wiki", "1.0.0", app.contentId())).contains(app);
  }

  @Test
  void theManifestOfTheEntryDecidesArgumentsAndEnvironment() throws IOException {
    NpmSource source =
        NpmSources.of("oracle", ", \"args\": [\"--a\", \"b\"], \"env\": {\"EXPECTED\": \"2\"}");
    assertThat(install(source, resolve(source)).runtime()).isEqualTo(AppRuntime.SERVE);
    assertRefused(
        NpmSources.of("oracle", ", \"args\": [\"one\"]"),
        resolve(ORACLE),
        AppReason.SELF_CHECK_FAILED,
        "oracle");
  }

  @Test
  void theLockThatIsWrittenContainsThePackageAndItsDependencies() {
    NpmResolver.Resolved resolved = new NpmResolver(fixture.settings).resolve(ORACLE, temp);
    assertThat(resolved.packages()).isEqualTo(2);
    assertThat(resolved.lock()).contains("\"helper@1.0.0\"", "sha512-");
    assertThat(temp.resolve("resolve")).doesNotExist();
  }

  @Test
  void theAddressOfTheRegistryIsTheConfiguredOneOrThatOfDeno() throws IOException {
    assertThat(new NpmResolver(fixture.settings).registry(temp)).isEqualTo(registry.url());
    Path other = Files.createDirectory(temp.resolve("other"));
    try (var byDefault = new InstallFixture(other, Map.of())) {
      URI detected = new NpmResolver(byDefault.settings).registry(temp);
      assertThat(detected).hasScheme("https");
      assertThat(detected.getPath()).endsWith("/");
      assertThat(detected.toString()).doesNotContain("dropserver-probe");
    }
    assertThat(temp.resolve("registry")).doesNotExist();
  }

  @Test
  void aPackageThatDoesNotExistCannotBeResolved() {
    assertThatThrownBy(() -> resolve(NpmSources.of("missing")))
        .hasMessageContaining("npm:missing@1.0.0 cannot be resolved")
        .extracting("reason")
        .isEqualTo(AppReason.DEPENDENCIES_FAILED);
  }

  @Test
  void withoutALockNothingIsInstalledAndNoRegistryIsAsked() {
    assertThatThrownBy(() -> install(ORACLE, Optional.empty()))
        .hasMessageContaining("names no lock file")
        .hasMessageContaining("Run \"dropserver app add npm:oracle@1.0.0\"")
        .extracting("reason")
        .isEqualTo(AppReason.LOCK_MISMATCH);
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void aLockThatLacksAPackageIsRefusedAndNoRegistryIsAsked() throws IOException {
    ObjectNode lock = json(resolve(ORACLE));
    ((ObjectNode) lock.path("npm")).remove("helper@1.0.0");
    int before = registry.requests().size();
    assertRefused(ORACLE, lock, "lacks helper, a dependency of oracle@1.0.0");
    assertThat(registry.requests()).hasSize(before);
  }

  /** The lock is the only statement about dependencies: Deno does not resolve what it lacks. */
  @Test
  void aDependencyThatTheLockDoesNotMentionIsNotInstalled() throws IOException {
    ObjectNode lock = json(resolve(ORACLE));
    ((ObjectNode) lock.path("npm")).remove("helper@1.0.0");
    ((ObjectNode) lock.at("/npm/oracle@1.0.0")).remove("dependencies");
    int before = registry.requests().size();
    assertThatThrownBy(() -> install(ORACLE, text(lock))).isInstanceOf(SandboxException.class);
    assertThat(registry.requests().subList(before, registry.requests().size()))
        .noneMatch(path -> path.contains("helper-1.0.0.tgz"));
  }

  @Test
  void aWrongIntegrityIsRefused() throws IOException {
    ObjectNode lock = json(resolve(ORACLE));
    String other = lock.at("/npm/oracle@1.0.0/integrity").asString();
    ((ObjectNode) lock.at("/npm/helper@1.0.0")).put("integrity", other);
    assertRefused(ORACLE, lock, "distrust it");
  }

  @Test
  void aPackageThatChangedWithoutANewVersionIsRefused() throws IOException {
    var lock = resolve(ORACLE);
    registry.serve("helper", "export const answer = 'a backdoor';", "");
    assertRefused(
        ORACLE, lock, AppReason.LOCK_MISMATCH, "Run \"dropserver app add npm:oracle@1.0.0\"");
  }

  @Test
  void aPackageWithoutAProgramIsRefused() {
    assertRefused(
        NpmSources.of("helper"),
        resolve(NpmSources.of("helper")),
        AppReason.MANIFEST_INVALID,
        "has no program");
  }

  @Test
  void aPackageWithSeveralProgramsNeedsAnEntrypoint() {
    registry.serve(
        "tool", PROGRAM, ", \"bin\": {\"a\": \"index.js\", \"b\": \"index.js\"}" + DEPENDS);
    NpmSource source = NpmSources.of("tool");
    assertRefused(
        source,
        resolve(source),
        AppReason.MANIFEST_INVALID,
        "Write one of these: npm:tool@1.0.0/a, npm:tool@1.0.0/b");
  }

  /** A registry or a mirror cannot direct an installation to another origin. */
  @Test
  void aTarballAtAnotherOriginIsNotFetched() throws IOException {
    ObjectNode lock = json(resolve(ORACLE));
    try (LocalRegistry other = new LocalRegistry()) {
      other.serve("helper", "export const answer = '42';", "");
      ((ObjectNode) lock.at("/npm/helper@1.0.0"))
          .put("tarball", other.url() + "helper/-/helper-1.0.0.tgz");
      try {
        install(ORACLE, text(lock));
      } catch (SandboxException refused) {
        // Deno may also ignore the address; what counts is the next line.
      }
      assertThat(other.requests()).isEmpty();
    }
  }

  /**
   * The tarball has the hash of the lock, because its author is the attacker. Deno unpacks it in
   * the sandbox.
   */
  @Test
  void aTarballThatLeavesItsFolderWritesAndReadsNothingElsewhere() throws IOException {
    Path secret = Files.writeString(temp.resolve("secret"), "export const answer = 'secret';");
    registry.serve(
        "helper",
        "export const answer = '42';",
        "",
        tarball ->
            tarball
                .file("package/../../../../../../evil.js", "")
                .file("/dropserver/evil.js", "")
                .file("../evil.js", "")
                .entry("package/link.js", '2', secret.toString(), new byte[0])
                .entry("package/up", '2', "../../../../..", new byte[0])
                .file("package/up/evil.js", "")
                .entry("package/hard.js", '1', "/etc/passwd", new byte[0]));
    try {
      install(ORACLE, resolve(ORACLE));
    } catch (SandboxException refused) {
      // Deno may refuse the tarball or ignore the entries.
    }
    try (Stream<Path> all = Files.walk(temp)) {
      assertThat(all.filter(path -> path.endsWith("evil.js")))
          .allMatch(path -> path.toString().contains("/helper/1.0.0/"));
    }
    try (Stream<Path> all = Files.walk(fixture.folder)) {
      assertThat(all).noneMatch(Files::isSymbolicLink);
    }
  }

  private Optional<NpmFiles.Lock> resolve(NpmSource source) {
    return NpmSources.Lock.of(new NpmResolver(fixture.settings).resolve(source, temp).lock());
  }

  private InstalledApp install(NpmSource source, Optional<NpmFiles.Lock> lock) {
    NpmFiles files = new NpmFiles(source, lock);
    return fixture.store.install("wiki", "1.0.0", files, InstallProgress.SILENT);
  }

  private void assertRefused(NpmSource source, ObjectNode lock, String message) {
    assertRefused(source, text(lock), AppReason.LOCK_MISMATCH, message);
  }

  private void assertRefused(
      NpmSource source, Optional<NpmFiles.Lock> lock, AppReason reason, String message) {
    assertThatThrownBy(() -> install(source, lock))
        .hasMessageContaining(message)
        .extracting("reason")
        .isEqualTo(reason);
    assertThat(fixture.folder.resolve(new NpmFiles(source, lock).contentId())).doesNotExist();
  }

  private static ObjectNode json(Optional<NpmFiles.Lock> lock) throws IOException {
    return (ObjectNode) AppConfig.JSON.readTree(lock.orElseThrow().read());
  }

  private static Optional<NpmFiles.Lock> text(ObjectNode lock) {
    return NpmSources.Lock.of(AppConfig.JSON.writeValueAsString(lock));
  }
}
