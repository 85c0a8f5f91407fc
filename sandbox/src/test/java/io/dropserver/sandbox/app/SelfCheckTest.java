package io.dropserver.sandbox.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Apps that never finish their first start. */
@Tag("slow")
@Timeout(300)
class SelfCheckTest {
  private static final String HANG = "while (true);";
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final long BYTES = 1L << 30;

  @TempDir Path temp;

  private Path source(String name, String program) throws IOException {
    Path source = Files.createDirectories(temp.resolve(name));
    Files.writeString(source.resolve("dropapp.json"), AppStoreTest.MANIFEST);
    Files.writeString(source.resolve("main.ts"), program);
    return source;
  }

  /** More apps than slots: the later ones are refused only if the earlier ones release theirs. */
  @Test
  void anAppThatNeverEndsHoldsItsSlotNoLongerThanItsLimit() throws Exception {
    InstallRunLimits limits =
        new InstallRunLimits(LONG, Duration.ofSeconds(2), LONG, BYTES, 100_000);
    try (InstallFixture fixture = new InstallFixture(temp, limits);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> installations = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        Path app = source("hang-" + i, HANG + " //" + i);
        installations.add(CompletableFuture.runAsync(() -> install(fixture, app), threads));
      }
      for (CompletableFuture<Void> installation : installations) {
        assertThatThrownBy(() -> installation.get(4, TimeUnit.MINUTES))
            .rootCause()
            .hasMessageContaining("it did not end in time");
      }
    }
  }

  private static void install(InstallFixture fixture, Path app) {
    try {
      fixture.install(app);
    } catch (IOException e) {
      throw new CompletionException(e);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          export default { fetch: () => new Promise(() => {}) };                  | TIMEOUT | it did not answer a request in time
          Deno.serve(() => new Promise(() => {}));                                | TIMEOUT | it did not answer a request in time
          import http from "node:http"; http.createServer(() => {}).listen(8000); | TIMEOUT | it did not answer a request in time
          setInterval(() => {}, 100); await new Promise(() => {});                | TIMEOUT | it started no server in time
          setInterval(() => {}, 100);                                             | FAILED  | it neither has a default export
          """)
  void anAppThatNeverAnswersIsRefusedWithTheReason(String program, String reason, String message)
      throws IOException {
    InstallRunLimits limits =
        new InstallRunLimits(LONG, LONG, Duration.ofSeconds(10), BYTES, 100_000);
    try (InstallFixture fixture = new InstallFixture(temp, limits)) {
      Path app = source("silent", program);
      assertThatThrownBy(() -> fixture.install(app))
          .isInstanceOfSatisfying(
              SandboxException.class,
              e -> assertThat(e.reason()).isEqualTo(AppReason.valueOf("SELF_CHECK_" + reason)))
          .hasMessageContaining(message);
    }
  }

  @Test
  void anAppThatWritesManyFilesIsKilled() throws IOException {
    InstallRunLimits limits = new InstallRunLimits(LONG, LONG, LONG, BYTES, 500);
    try (InstallFixture fixture = new InstallFixture(temp, limits)) {
      Path app =
          source(
              "files",
              "for (let i = 0; i < 2000; i++) Deno.writeTextFileSync('/data/' + i, ''); " + HANG);
      assertThatThrownBy(() -> fixture.install(app))
          .hasMessageContaining("it wrote too many files");
    }
  }
}
