package io.dropserver.reconciler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CronDiscoveryTest {
  private static final String CALL = "Deno.cron(\"a\", \"* * * * *\", () => {});";

  @TempDir Path folder;

  private boolean mentioned() throws IOException {
    return CronDiscovery.mentionsCron(folder);
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
        folder.resolve("main.js"),
        CALL + " ".repeat(Math.toIntExact(CronDiscovery.MAX_MODULE_BYTES)));
    assertThat(mentioned()).isFalse();
  }
}
