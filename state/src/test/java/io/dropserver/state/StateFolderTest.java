package io.dropserver.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  private static final int FILES = 200;

  @TempDir Path folder;

  @Test
  void twoServersNeverShareAFolder() {
    StateFolder state = new StateFolder(folder.resolve("state"));
    try (StateFolder.Lock held = state.lock()) {
      assertThat(held).isNotNull();
      assertThatThrownBy(state::lock)
          .isInstanceOf(StateException.class)
          .hasMessageContaining("another server");
    }
    state.lock().close();
  }

  @Test
  void otherUsersCanTraverseButNotListTheDataFolder() throws Exception {
    StateFolder state = new StateFolder(folder.resolve("state"));
    state.create();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.data())))
        .isEqualTo("rwx--x--x");
  }

  @Test
  void parentsThatAreCreatedCanBePassedToo() throws Exception {
    new StateFolder(folder.resolve("new/parent/state")).create();
    assertThat(mode(folder.resolve("new"))).isEqualTo("rwx--x--x");
    assertThat(mode(folder.resolve("new/parent"))).isEqualTo("rwx--x--x");
  }

  @Test
  void lockingRestrictsModesExceptThoseOfData() throws Exception {
    StateFolder state = new StateFolder(folder.resolve("state"));
    state.create();
    Path data = Files.createDirectories(state.data().resolve("id/files"));
    Path mirror = Files.createDirectories(state.backups().resolve("mirrors"));
    Path object = Files.createDirectories(state.repository().resolve("objects")).resolve("00");
    List<Path> loose = new ArrayList<>();
    for (Path file :
        List.of(state.database(), object, data.resolve("of-the-app"), mirror.resolve("copy"))) {
      loose.add(Files.createFile(file));
    }
    loose.addAll(List.of(object.getParent(), state.repository(), state.backups(), data));
    loose.addAll(List.of(state.root(), state.data()));
    Path elsewhere = Files.createFile(folder.resolve("elsewhere"));
    loose.add(elsewhere);
    Files.createSymbolicLink(state.root().resolve("link"), elsewhere);
    Files.createSymbolicLink(state.repository().resolve("link"), elsewhere);
    for (Path path : loose) {
      Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxrwxrwx"));
    }
    state.lock().close();
    assertThat(new StateModes(state).tooPermissive()).isEmpty();
    assertThat(Stream.of(state.database(), object, object.getParent(), state.repository()))
        .allSatisfy(path -> assertThat(mode(path)).isEqualTo("rwx------"));
    assertThat(mode(state.root())).isEqualTo("rwx--x--x");
    assertThat(mode(state.backups())).isEqualTo("rwx------");
    assertThat(Stream.of(data, data.resolve("of-the-app"), mirror.resolve("copy"), elsewhere))
        .allSatisfy(path -> assertThat(mode(path)).isEqualTo("rwxrwxrwx"));
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void aFileIsReplacedWholeAndReadableByItsOwnerOnly() throws Exception {
    Path file = folder.resolve("f");
    Files.writeString(folder.resolve("f.new"), "left over by a crash");
    AtomicFiles.write(file, "one".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    AtomicFiles.writeAll(
        Map.of(
            file,
            new byte[] {1},
            folder.resolve("g"),
            new byte[] {2},
            folder.resolve("h"),
            new byte[] {3},
            folder.resolve("i"),
            new byte[] {4}));
    assertThat(file).hasBinaryContent(new byte[] {1});
    assertThat(folder.resolve("i")).hasBinaryContent(new byte[] {4});
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(4);
    }
  }

  @Test
  void deletingATreeFollowsNoLink() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "precious");
    Path tree = Files.createDirectories(folder.resolve("tree/sub"));
    Files.createSymbolicLink(tree.resolve("link"), outside);
    Files.createSymbolicLink(tree.resolve("folder"), folder);
    AtomicFiles.deleteTree(folder.resolve("tree"));
    assertThat(folder.resolve("tree")).doesNotExist();
    assertThat(outside).hasContent("precious");
  }

  @RepeatedTest(20)
  void filesRemovedConcurrentlyDoNotStopADeletion() throws Exception {
    Path both = Files.createDirectories(folder.resolve("both"));
    for (int i = 0; i < FILES; i++) {
      Files.writeString(Files.createDirectories(both.resolve("s" + i)).resolve("state"), "x");
    }
    Thread other = Thread.ofPlatform().start(() -> removeBackwards(both));
    assertThatCode(() -> AtomicFiles.deleteTree(both)).doesNotThrowAnyException();
    other.join();
    assertThat(both).doesNotExist();
  }

  @Test
  void deletingAMissingTreeSucceeds() {
    assertThatCode(() -> AtomicFiles.deleteTree(folder.resolve("none"))).doesNotThrowAnyException();
  }

  private static void removeBackwards(Path folder) {
    try {
      for (int i = FILES - 1; i >= 0; i--) {
        Files.deleteIfExists(folder.resolve("s" + i).resolve("state"));
        Files.deleteIfExists(folder.resolve("s" + i));
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
