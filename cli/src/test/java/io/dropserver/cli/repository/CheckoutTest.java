package io.dropserver.cli.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckoutTest {
  private static final String DOCUMENT = "apps/wiki.yaml";
  private static final String LOCK = "apps/wiki-1.0.0.lock";
  private static final List<String> BOTH = List.of(LOCK, DOCUMENT);
  private static final String OLD_LOCK = "{\"version\": \"5\", \"npm\": {}}";

  @TempDir Path folder;
  private final GitProgram git = new GitProgram();
  private Checkout checkout = new Checkout(Path.of(""), git);
  private Path root = Path.of("");

  @BeforeEach
  void create() throws IOException {
    root = Files.createDirectory(folder.toRealPath().resolve("home"));
    checkout = new Checkout(root, git);
    git.run(root, "init", "--quiet");
    git.run(root, "config", "user.name", "Person");
    git.run(root, "config", "user.email", "person@example.org");
    git.run(root, "config", "commit.gpgsign", "false");
    checkout.write(DOCUMENT, "first");
    git.run(root, "add", "--all");
    git.run(root, "commit", "--quiet", "--message", "Begin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {".git/hooks/pre-commit", ".git/config", "apps/.GIT/config", ".git", "sub/.Git/x"})
  void nothingIsWrittenIntoFoldersOfGit(String path) {
    assertThatThrownBy(() -> checkout.requireWritable(path, DOCUMENT))
        .hasMessageContaining("is in a folder of Git");
    assertThatThrownBy(() -> checkout.write(path, "#!/bin/sh"))
        .hasMessageContaining("is in a folder of Git");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind: User",
        "",
        "[]",
        "{}",
        "{\"version\": \"5\"}",
        "{\"version\": 5, \"npm\": {}}",
        "{\"version\": \"5\", \"npm\": []}"
      })
  void anotherFileIsNotOverwrittenByALock(String content) throws IOException {
    checkout.requireWritable(LOCK, DOCUMENT);
    checkout.write(LOCK, OLD_LOCK);
    checkout.requireWritable(LOCK, DOCUMENT);
    checkout.write(LOCK, content);
    assertThatThrownBy(() -> checkout.requireWritable(LOCK, DOCUMENT))
        .hasMessage(LOCK + " is not a lock file, and would be overwritten");
  }

  @Test
  void theDocumentIsNotOverwrittenByItsLock() throws IOException {
    checkout.write(DOCUMENT, OLD_LOCK);
    assertThatThrownBy(() -> checkout.requireWritable(DOCUMENT, DOCUMENT))
        .hasMessageContaining("is not a lock file");
  }

  @Test
  void linksOfACheckoutAreNotFollowed() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.createSymbolicLink(root.resolve("link"), outside);
    Files.createSymbolicLink(root.resolve("apps/file"), outside.resolve("file"));
    for (String path : List.of("link/wiki.yaml", "apps/file")) {
      assertThatThrownBy(() -> checkout.write(path, "x"))
          .hasMessageContaining("behind a symbolic link");
    }
    assertThat(outside).isEmptyDirectory();
  }

  @Test
  void aFileIsReplacedWithItsModes() throws IOException {
    Path file = root.resolve(DOCUMENT);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    checkout.write(DOCUMENT, "second");
    assertThat(file).hasContent("second");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-rw----");
    assertThat(file.getParent()).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void uncommittedChangesOfThePersonAreRefused() throws IOException {
    Files.writeString(root.resolve("unrelated.txt"), "");
    checkout.requireCommitted(BOTH);
    Files.writeString(root.resolve(DOCUMENT), "edited");
    assertThatThrownBy(() -> checkout.requireCommitted(BOTH))
        .hasMessageContaining(DOCUMENT + " has changes that are not committed");
    git.run(root, "add", "--all");
    assertThatThrownBy(() -> checkout.requireCommitted(BOTH)).hasMessageContaining(DOCUMENT);
    git.run(root, "commit", "--quiet", "--message", "Edit");
    Files.writeString(root.resolve(LOCK), "new");
    git.run(root, "config", "status.showUntrackedFiles", "no");
    assertThatThrownBy(() -> checkout.requireCommitted(BOTH)).hasMessageContaining(LOCK);
  }

  @Test
  void onlyTheFilesAreCommittedAndNotAPatternOfThem() throws IOException {
    List<String> paths = List.of("apps/*.lock", ":(top)[ab].yaml");
    Files.writeString(root.resolve("apps/other.lock"), "other");
    Files.writeString(root.resolve("a.yaml"), "other");
    checkout.requireCommitted(paths);
    for (String path : paths) {
      checkout.write(path, "new");
    }
    assertThat(checkout.commit(paths, "Add both")).isTrue();
    assertThat(git.run(root, "log", "-1", "--format=", "--name-only").lines())
        .containsExactlyInAnyOrderElementsOf(paths);
    assertThat(git.run(root, "status", "--porcelain")).contains("?? apps/other.lock", "?? a.yaml");
    assertThat(checkout.commit(paths, "Add both")).isFalse();
  }

  @Test
  void aFailedCommitSaysThatTheFilesAreWritten() throws IOException {
    Path hook = root.resolve(".git/hooks/pre-commit");
    Files.createDirectories(hook.resolveSibling(""));
    Files.writeString(hook, "#!/bin/sh\necho refused by a hook >&2\nexit 1\n");
    Files.setPosixFilePermissions(hook, PosixFilePermissions.fromString("rwxr-xr-x"));
    checkout.write(DOCUMENT, "second");
    assertThatThrownBy(() -> checkout.commit(List.of(DOCUMENT), "Edit"))
        .hasMessageContaining(DOCUMENT + " is written, but not committed")
        .hasMessageContaining("refused by a hook");
  }
}
