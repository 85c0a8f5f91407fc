package io.dropserver.sandbox.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.sandbox.isolation.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoopStorageTest {
  private static final int UID = 71_234;
  private static final long MEBIBYTE = 1L << 20;

  @TempDir Path state;
  private Path folder = Path.of("");
  private Optional<LoopStorage> storage = Optional.empty();

  @BeforeEach
  void open() throws IOException {
    Optional<String> missing = LoopStorage.unavailable();
    Assumptions.assumeTrue(missing.isEmpty(), () -> missing.orElse(""));
    folder = Files.createDirectories(state.resolve("data/garden")).resolve("files");
    storage = Optional.of(LoopStorage.takeOver(state));
  }

  @AfterEach
  void release() throws IOException {
    storage.ifPresent(LoopStorage::close);
    assertThat(Mounts.below(state)).isEmpty();
  }

  @Test
  void writingBeyondTheLimitFailsForThatFolderAlone() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);

    assertThatThrownBy(() -> Files.write(folder.resolve("big"), new byte[(int) (9 * MEBIBYTE)]))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left");
    Files.write(state.resolve("elsewhere"), new byte[(int) (9 * MEBIBYTE)]);
  }

  @Test
  void manyTinyFilesEndAtTheLimitToo() {
    storage().open(folder, UID, 4 * MEBIBYTE);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100_000; i++) {
                Files.createFile(folder.resolve("file-" + i));
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void theFolderBelongsToTheAppspaceAndIsEmpty() throws IOException {
    Storage.Volume volume = storage().open(folder, UID, 8 * MEBIBYTE);

    assertThat(volume.hard()).isTrue();
    assertThat(Files.getAttribute(folder, "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(UID);
    try (var entries = Files.list(folder)) {
      assertThat(entries).isEmpty();
    }
  }

  @Test
  void growingKeepsTheData() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    Files.writeString(folder.resolve("diary"), "dear diary");

    Storage.Volume grown = storage().open(folder, UID, 64 * MEBIBYTE);

    assertThat(grown.limitBytes()).isEqualTo(64 * MEBIBYTE);
    Files.write(folder.resolve("big"), new byte[(int) (32 * MEBIBYTE)]);
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  @Test
  void shrinkingKeepsTheDataAndIsNotDoneBelowWhatIsStored() throws IOException {
    storage().open(folder, UID, 64 * MEBIBYTE);
    Files.write(folder.resolve("big"), new byte[(int) (20 * MEBIBYTE)]);
    storage().release(folder);

    Storage.Volume tooSmall = storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(tooSmall.limitBytes()).isGreaterThan(20 * MEBIBYTE);
    assertThat(tooSmall.detail()).contains("kept at");
    assertThat(Files.size(folder.resolve("big"))).isEqualTo(20 * MEBIBYTE);
    Files.delete(folder.resolve("big"));
    Files.writeString(folder.resolve("diary"), "dear diary");
    storage().release(folder);

    Storage.Volume shrunk = storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(shrunk.limitBytes()).isEqualTo(8 * MEBIBYTE);
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  @Test
  void whatADeadServerLeftMountedIsTakenOver() throws IOException {
    storage().open(folder, UID, 8 * MEBIBYTE);
    Files.writeString(folder.resolve("diary"), "dear diary");

    storage = Optional.of(LoopStorage.takeOver(state));
    assertThat(Mounts.below(state)).isEmpty();

    storage().open(folder, UID, 8 * MEBIBYTE);
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  @Test
  void aFolderOlderThanItsVolumeKeepsItsDataAndSaysThatItsLimitIsSoft() throws IOException {
    Files.createDirectory(folder);
    Files.writeString(folder.resolve("diary"), "dear diary");

    Storage.Volume volume = storage().open(folder, UID, 8 * MEBIBYTE);

    assertThat(volume.hard()).isFalse();
    assertThat(volume.detail()).contains("not enforced");
    assertThat(folder.resolve("diary")).hasContent("dear diary");
  }

  private LoopStorage storage() {
    return storage.orElseThrow();
  }
}
