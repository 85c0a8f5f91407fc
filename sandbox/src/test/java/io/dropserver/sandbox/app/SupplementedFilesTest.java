package io.dropserver.sandbox.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.InstalledApp;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App.Additions;
import io.dropserver.schema.instance.App.AppVersion;
import io.dropserver.schema.instance.App.EntryManifest;
import io.dropserver.schema.instance.App.LockFile;
import io.dropserver.schema.instance.App.PathSource;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.read.ManifestReader;
import io.dropserver.state.condition.AppReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupplementedFilesTest {
  private static final Location MANIFEST_AT = new Location("apps/board.yaml", 9, 17);
  private static final Location LOCK_AT = new Location("apps/board.yaml", 8, 13);

  @TempDir Path temp;
  private Path source;
  private AppStore store;

  @BeforeEach
  void writeAProgram() throws IOException {
    source = Files.createDirectory(temp.resolve("source"));
    Files.writeString(source.resolve("main.ts"), "export default {};");
    store =
        new AppStore(
            temp.resolve("apps"),
            new InstantPreparation(),
            AppSizeLimits.DEFAULT,
            InstantSource.system());
  }

  private static Optional<EntryManifest> manifest(String name) {
    String json = AppStoreTest.MANIFEST.replace("Notes", name);
    return new ManifestReader()
        .read("dropapp.json", json.getBytes(UTF_8))
        .manifest()
        .map(read -> new EntryManifest(MANIFEST_AT, read, json));
  }

  private SupplementedFiles files(Optional<EntryManifest> manifest, Optional<String> lock)
      throws IOException {
    Additions additions =
        new Additions(manifest, lock.map(_ -> new LockFile(LOCK_AT, "apps/board.lock")));
    AppVersion version =
        new AppVersion(
            "1.0.0",
            MANIFEST_AT,
            new PathSource(MANIFEST_AT, "programs/board", Optional.empty()),
            additions);
    return new SupplementedFiles(FolderFiles.of(source), version, lock.map(TextLock::new));
  }

  private record TextLock(String text) implements NpmFiles.Lock {
    @Override
    public String id() {
      return "id-of-" + text.length() + text.substring(0, Math.min(4, text.length()));
    }

    @Override
    public byte[] read() {
      return text.getBytes(UTF_8);
    }
  }

  @Test
  void theEntryAddsItsManifestAndItsLock() throws IOException {
    InstalledApp app =
        store.install(
            "board", "1.0.0", files(manifest("Board"), Optional.of("{}")), InstallProgress.SILENT);
    assertThat(app.manifest().name()).isEqualTo("Board");
    assertThat(app.files().resolve("deno.lock")).hasContent("{}");
    assertThat(app.files().resolve("main.ts")).hasContent("export default {};");
  }

  @Test
  void anotherManifestOrLockIsOtherContent() throws IOException {
    assertThat(files(manifest("A"), Optional.empty()).contentId())
        .isEqualTo(files(manifest("A"), Optional.empty()).contentId())
        .matches("entry-[0-9a-f]{64}")
        .isNotEqualTo(files(manifest("B"), Optional.empty()).contentId())
        .isNotEqualTo(files(manifest("A"), Optional.of("{}")).contentId());
    assertThat(files(manifest("A"), Optional.of("{}")).contentId())
        .isNotEqualTo(files(manifest("A"), Optional.of("{} ")).contentId());
    String before = files(manifest("A"), Optional.empty()).contentId();
    Files.writeString(source.resolve("main.ts"), "changed");
    assertThat(files(manifest("A"), Optional.empty()).contentId()).isNotEqualTo(before);
  }

  @Test
  void aSourceWithTheSameFileIsRefusedAndBothPlacesAreNamed() throws IOException {
    Files.writeString(source.resolve("dropapp.json"), AppStoreTest.MANIFEST);
    refused(files(manifest("Board"), Optional.empty()), AppReason.MANIFEST_INVALID)
        .contains("The source contains dropapp.json", "`manifest`, at apps/board.yaml:9:17");
    Files.writeString(source.resolve("deno.lock"), "{}");
    refused(files(Optional.empty(), Optional.of("{}")), AppReason.LOCK_MISMATCH)
        .contains("The source contains deno.lock", "`lock`, at apps/board.yaml:8:13");
  }

  /** Only the files at the top are the manifest and the lock. */
  @Test
  void otherFilesOfTheSameNameStay() throws IOException {
    Path inner = Files.createDirectory(source.resolve("inner"));
    Files.writeString(inner.resolve("dropapp.json"), "inner");
    Files.writeString(inner.resolve("deno.lock"), "inner");
    InstalledApp app =
        store.install(
            "board", "1.0.0", files(manifest("Board"), Optional.of("{}")), InstallProgress.SILENT);
    assertThat(app.files().resolve("inner/dropapp.json")).hasContent("inner");
    assertThat(app.manifest().name()).isEqualTo("Board");
  }

  @Test
  void aLockThatIsTooLargeIsRefused() throws IOException {
    refused(
            files(manifest("Board"), Optional.of(" ".repeat(LockFile.MAX_BYTES + 1))),
            AppReason.LOCK_MISMATCH)
        .contains("larger than 8 MiB", "apps/board.lock");
  }

  private org.assertj.core.api.AbstractStringAssert<?> refused(
      SupplementedFiles files, AppReason reason) {
    SandboxException[] thrown = new SandboxException[1];
    assertThatThrownBy(() -> store.install("board", "1.0.0", files, InstallProgress.SILENT))
        .isInstanceOfSatisfying(SandboxException.class, e -> thrown[0] = e);
    assertThat(thrown[0].reason()).isEqualTo(reason);
    assertThat(temp.resolve("apps/" + files.contentId())).doesNotExist();
    return assertThat(thrown[0].getMessage());
  }
}
