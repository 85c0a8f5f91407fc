package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Apps without a lock file, whose packages come from a registry that the tests fill. */
@Tag("slow")
class AppResolverTest {
  private static final String IMPORTS = "{\"imports\": {\"helper\": \"npm:helper@^1.0.0\"}}";

  @TempDir Path temp;
  private LocalRegistry registry;
  private InstallFixture fixture;
  private Path source;

  @BeforeEach
  void openStore() throws IOException {
    registry = new LocalRegistry();
    registry.serve("helper", "export const answer = '42';", "");
    fixture = new InstallFixture(temp, Map.of("NPM_CONFIG_REGISTRY", registry.url().toString()));
    source = Files.createDirectory(temp.resolve("source"));
    write("dropapp.json", AppStoreTest.MANIFEST);
  }

  @AfterEach
  void close() {
    fixture.close();
    registry.close();
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(source.resolve(file), text);
  }

  private Optional<NpmResolver.Resolved> resolve() throws IOException {
    Optional<NpmResolver.Resolved> resolved =
        new AppResolver(fixture.settings).resolve(FolderFiles.of(source), temp);
    assertThat(temp.resolve("resolve")).doesNotExist();
    return resolved;
  }

  @Test
  void theLockThatIsWrittenIsTheOneThatTheInstallationNeeds() throws IOException {
    write("deno.json", IMPORTS);
    write(
        "main.ts",
        "import { answer } from 'helper'; export default { fetch: () => new Response(answer) };");
    NpmResolver.Resolved lock = resolve().orElseThrow();
    assertThat(lock.packages()).isEqualTo(1);
    assertThat(lock.lock())
        .contains("\"npm:helper@1\"", "\"helper@1.0.0\"", "sha512-")
        .matches("\\p{ASCII}+")
        .doesNotContain("workspace");
    write("deno.lock", lock.lock());
    InstalledApp app = fixture.install(source);
    assertThat(app.manifest().name()).isEqualTo("Notes");
  }

  @Test
  void anAppWithoutPackagesNeedsNoLock() throws IOException {
    write("main.ts", "export default { fetch: () => new Response('') };");
    assertThat(resolve()).isEmpty();
  }

  /** The module would end the process, and so the resolution, if it ran. */
  @Test
  void noCodeOfTheAppRuns() throws IOException {
    write("deno.json", IMPORTS);
    write("main.ts", "import 'helper'; Deno.exit(7); for (;;);");
    assertThat(resolve()).isPresent();
  }

  @Test
  void onlyTheRegistriesAreReached() throws IOException {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.start();
    try {
      String url = "http://127.0.0.1:" + other.getAddress().getPort() + "/mod.ts";
      write("main.ts", "import '" + url + "';");
      assertThatThrownBy(this::resolve)
          .isInstanceOf(SandboxException.class)
          .hasMessageContaining("cannot be resolved")
          .hasMessageContaining("Only npm: and jsr: packages")
          .extracting("reason")
          .isEqualTo(AppReason.DEPENDENCIES_FAILED);
    } finally {
      other.stop(0);
    }
  }

  @Test
  void aPackageIsFetchedOnceWithItsHash() throws Exception {
    write("main.ts", "export default { fetch: () => new Response('') };");
    Path archive = temp.resolve("package.tar.gz");
    int status =
        new ProcessBuilder(
                "tar",
                "-czf",
                archive.toString(),
                "-C",
                source.toString(),
                "dropapp.json",
                "main.ts")
            .start()
            .waitFor();
    assertThat(status).isZero();
    URI url = archive.toUri();
    FetchedSource fetched =
        FetchedSource.ofPackage(url, temp.resolve("fetched"), TrustedAuthorities.platformOnly());
    assertThat(fetched.files().contentId()).matches("sha256-[0-9a-f]{64}");
    assertThat(fetched.manifest().orElseThrow().name()).isEqualTo("Notes");
    assertThat(fetched.locked()).isFalse();
    Files.writeString(archive, "changed", StandardCharsets.UTF_8);
    InstalledApp app =
        fixture.store.install("notes", "1.0.0", fetched.files(), InstallProgress.SILENT);
    assertThat(app.files().resolve("main.ts")).exists();
    assertThat(app.contentId()).isEqualTo(fetched.files().contentId());
  }

  @Test
  void aProgramWithoutAManifestIsFetchedAsItIs() throws IOException {
    Files.delete(source.resolve("dropapp.json"));
    write("main.ts", "export default {};");
    write("deno.lock", "{}");
    FetchedSource fetched = FetchedSource.of(FolderFiles.of(source), temp.resolve("fetched"));
    assertThat(fetched.manifest()).isEmpty();
    assertThat(fetched.locked()).isTrue();
  }
}
