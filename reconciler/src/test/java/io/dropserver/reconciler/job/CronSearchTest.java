package io.dropserver.reconciler.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.schema.instance.AppRuntime;
import io.dropserver.schema.instance.DropappManifest;
import io.dropserver.schema.instance.DropappManifest.DataSchema;
import io.dropserver.schema.instance.DropappManifest.LaunchOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CronSearchTest {
  private static final String CALL = "Deno.cron(\"a\", \"* * * * *\", () => {});";

  @TempDir Path folder;

  private boolean mentioned() throws IOException {
    return CronSearch.mentionsCron(folder);
  }

  @Test
  void modulesThatMentionTheCallAreFound() throws IOException {
    Files.writeString(folder.resolve("README.md"), CALL);
    Files.createSymbolicLink(folder.resolve("link.ts"), folder.resolve("README.md"));
    assertThat(mentioned()).isFalse();
    Path module =
        Files.writeString(
            Files.createDirectory(folder.resolve("jobs")).resolve("daily.ts"), "// nothing");
    assertThat(mentioned()).isFalse();
    Files.writeString(module, CALL);
    assertThat(mentioned()).isTrue();
  }

  @Test
  void hugeModulesAreNotRead() throws IOException {
    Files.writeString(
        folder.resolve("main.js"), CALL + " ".repeat(Math.toIntExact(CronSearch.MAX_MODULE_BYTES)));
    assertThat(mentioned()).isFalse();
  }

  @Test
  void contentThatManyAppspacesRunIsReadOnce() throws IOException {
    Path module = Files.writeString(folder.resolve("main.ts"), CALL);
    CronSearch search = new CronSearch();
    assertThat(search.mentionsCron(app("one"))).isTrue();
    Files.writeString(module, "// nothing");
    assertThat(search.mentionsCron(app("one"))).isTrue();
    assertThat(search.mentionsCron(app("other"))).isFalse();
  }

  private InstalledApp app(String contentId) {
    DropappManifest manifest =
        new DropappManifest(
            "notes",
            "",
            "1.0.0",
            "main.ts",
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            DataSchema.UNNAMED,
            LaunchOptions.DEFAULT);
    return new InstalledApp(
        "notes",
        "1.0.0",
        contentId,
        folder,
        folder,
        folder,
        manifest,
        AppRuntime.FETCH,
        Optional.empty());
  }
}
