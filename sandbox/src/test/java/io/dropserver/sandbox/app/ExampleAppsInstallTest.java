package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.AppRuntime;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Installs the example apps that readers copy: in real sandboxes, with dependencies from the real
 * registry.
 */
class ExampleAppsInstallTest {
  private static final Path APPS = Path.of("../example-instance-repo/apps").toAbsolutePath();

  @ParameterizedTest
  @CsvSource({
    "journal-1.0.0, 1.0.0, FETCH",
    "journal-1.1.0, 1.1.0, FETCH",
    "recipes, 1.0.0, FETCH",
    "shopping, 1.0.0, SERVE"
  })
  void anExampleAppInstallsAndAnswers(
      String folder, String version, AppRuntime runtime, @TempDir Path temp) throws Exception {
    try (var fixture = new InstallFixture(temp, Map.of())) {
      FolderFiles files = FolderFiles.of(APPS.resolve(folder));
      InstalledApp app = fixture.store.install("example", version, files, InstallProgress.SILENT);
      assertThat(app.runtime()).isEqualTo(runtime);
    }
  }
}
