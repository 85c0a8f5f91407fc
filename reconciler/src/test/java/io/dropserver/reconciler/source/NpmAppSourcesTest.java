package io.dropserver.reconciler.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.read.ManifestReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpmAppSourcesTest {
  private static final Location HERE = new Location("apps/tool.yaml", 6, 23);
  private static final String MANIFEST =
      "{\"name\":\"tool\",\"version\":\"1.0.0\",\"entrypoint\":\"npm:tool@1.0.0\"}";
  private static final String LOCK =
      """
      {"version": "5", "specifiers": {"npm:tool@1.0.0": "1.0.0"},
       "npm": {"tool@1.0.0": {"integrity": "sha512-%s=="}}}
      """;

  @TempDir Path folder;
  private GitFixture git;
  private GitSource config;
  private AppSources apps;
  private String first;

  @BeforeEach
  void makeRemote() {
    git = new GitFixture(folder);
    git.write("apps/tool.lock", LOCK.formatted("A".repeat(86)));
    first = git.push("one");
    config = new GitSource(git.settings(), InstantSource.system());
    config.poll(Optional.empty(), false);
    apps =
        new AppSources(
            config,
            folder.resolve("state/foreign"),
            List.of(),
            RemoteAccess.anonymous(),
            InstantSource.system());
  }

  @AfterEach
  void close() {
    config.close();
  }

  private static App.NpmSource source(String lock) {
    return new App.NpmSource(
        HERE,
        "tool",
        new ManifestReader()
            .read("dropapp.json", MANIFEST.getBytes(UTF_8))
            .manifest()
            .orElseThrow(),
        MANIFEST,
        Optional.of(new App.LockFile(HERE, lock)));
  }

  @Test
  void thePackageIsAFolderWithManifestAndLock() throws IOException {
    Map<String, String> copied = new TreeMap<>();
    apps.files(source("apps/tool.lock"), first)
        .copyTo((path, content) -> copied.put(path, new String(content.readAllBytes(), UTF_8)));
    assertThat(copied).containsOnlyKeys("dropapp.json", "deno.json", "deno.lock");
    assertThat(copied)
        .containsEntry("dropapp.json", MANIFEST)
        .containsEntry("deno.json", "{\"imports\":{\"tool\":\"npm:tool@1.0.0\"}}");
  }

  @Test
  void anotherLockIsOtherContentAlsoForAPlan() throws IOException {
    AppFiles before = apps.files(source("apps/tool.lock"), first);
    git.write("apps/tool.lock", LOCK.formatted("B".repeat(86)));
    String second = git.push("two");
    config.poll(Optional.empty(), false);
    AppFiles after = apps.files(source("apps/tool.lock"), second);
    assertThat(after.contentId()).isNotEqualTo(before.contentId());
    assertThat(apps.files(source("apps/tool.lock"), first).contentId())
        .isEqualTo(before.contentId());
    App.AppVersion version = new App.AppVersion("1.0.0", HERE, source("apps/tool.lock"));
    try (LocalRepo repo = LocalRepo.open(git.work, Map.of())) {
      assertThat(repo.contentId(version, second)).isEqualTo(after.contentId());
    }
  }

  @Test
  void aLockThatIsMissingOrALinkIsNamed() throws IOException {
    Files.createSymbolicLink(git.work.resolve("apps/link.lock"), Path.of("/etc/shadow"));
    String second = git.push("link");
    config.poll(Optional.empty(), false);
    for (String path : List.of("apps/link.lock", "apps/none.lock", "apps")) {
      assertThatThrownBy(() -> apps.files(source(path), second))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("the lock file " + path + " is not in " + second.substring(0, 7));
    }
  }

  @Test
  void aFolderGetsTheManifestAndTheLockOfItsEntryAlsoForAPlan() throws IOException {
    git.write("programs/board/main.ts", "1");
    String second = git.push("board");
    config.poll(Optional.empty(), false);
    App.PathSource folderSource = new App.PathSource(HERE, "programs/board", Optional.empty());
    App.AppVersion plain = new App.AppVersion("1.0.0", HERE, folderSource);
    App.AppVersion version =
        new App.AppVersion(
            "1.0.0",
            HERE,
            folderSource,
            new App.Additions(
                Optional.of(
                    new App.EntryManifest(HERE, source("apps/tool.lock").manifest(), MANIFEST)),
                Optional.of(new App.LockFile(HERE, "apps/tool.lock"))));
    AppFiles source = apps.files(folderSource, second);
    assertThat(apps.supplemented(source, plain, second)).isSameAs(source);
    AppFiles files = apps.supplemented(source, version, second);
    Map<String, String> copied = new TreeMap<>();
    files.copyTo((path, content) -> copied.put(path, new String(content.readAllBytes(), UTF_8)));
    assertThat(copied)
        .containsOnlyKeys("dropapp.json", "deno.lock", "main.ts")
        .containsEntry("dropapp.json", MANIFEST);
    try (LocalRepo repo = LocalRepo.open(git.work, Map.of())) {
      assertThat(repo.contentId(version, second)).isEqualTo(files.contentId());
      assertThat(repo.contentId(plain, second)).isEqualTo(source.contentId());
    }
    git.write("apps/tool.lock", LOCK.formatted("B".repeat(86)));
    String third = git.push("another lock");
    config.poll(Optional.empty(), false);
    assertThat(apps.supplemented(source, version, third).contentId())
        .isNotEqualTo(files.contentId());
  }
}
