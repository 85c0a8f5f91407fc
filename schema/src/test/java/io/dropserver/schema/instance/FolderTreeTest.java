package io.dropserver.schema.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dropserver.schema.instance.SourceTree.TreeEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTreeTest {
  @TempDir Path folder;

  @Test
  void symlinksAreListedAndNotFollowed() throws IOException {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    Files.writeString(outside.resolve("secret.yaml"), "kind: User");
    Path root = Files.createDirectory(folder.resolve("root"));
    Files.createSymbolicLink(root.resolve("to-folder"), outside);
    Files.createSymbolicLink(root.resolve("to-file.yaml"), outside.resolve("secret.yaml"));
    FolderTree tree = FolderTree.of(root, _ -> false);
    assertThat(tree.entries())
        .extracting(TreeEntry::path, TreeEntry::type)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("to-file.yaml", SourceTree.TreeEntryType.SYMLINK),
            org.assertj.core.groups.Tuple.tuple("to-folder", SourceTree.TreeEntryType.SYMLINK));
  }

  @Test
  void aFileThatBecameASymlinkAfterTheListingIsNotRead() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "hidden");
    Path root = Files.createDirectory(folder.resolve("root"));
    Path file = Files.writeString(root.resolve("user.yaml"), "kind: User");
    FolderTree tree = FolderTree.of(root, _ -> false);
    Files.delete(file);
    Files.createSymbolicLink(file, secret);
    assertThatThrownBy(() -> tree.read(tree.entries().getFirst())).isInstanceOf(IOException.class);
  }

  @Test
  void aRepositoryInsideAndAWorktreeSGitFileAreLeftOut() throws IOException {
    Files.createDirectories(folder.resolve(".git/hooks"));
    Files.writeString(folder.resolve(".git/config"), "x");
    Files.createDirectories(folder.resolve("app"));
    Files.writeString(folder.resolve("app/.git"), "gitdir: elsewhere");
    Files.writeString(folder.resolve("app/main.ts"), "x");
    Files.writeString(folder.resolve(".gitignore"), "x");
    assertThat(FolderTree.of(folder, _ -> false).entries())
        .extracting(TreeEntry::path)
        .containsExactly(".gitignore", "app/main.ts");
  }

  @Test
  void aFileThatGrewAfterTheListingIsReadOneByteFurtherAtMost() throws IOException {
    Path file = Files.writeString(folder.resolve("user.yaml"), "abc");
    FolderTree tree = FolderTree.of(folder, _ -> false);
    Files.writeString(file, "abc".repeat(1000));
    assertThat(tree.read(tree.entries().getFirst())).hasSize(4);
  }

  @Test
  void aBackslashIsAnOrdinaryCharacterOfAName() throws IOException {
    Files.writeString(folder.resolve("a\\b"), "one file");
    Files.createDirectory(folder.resolve("c\\d"));
    Files.writeString(folder.resolve("c\\d/e"), "another");
    FolderTree tree = FolderTree.of(folder, "c\\d/"::equals);
    assertThat(tree.entries()).extracting(TreeEntry::path).containsExactly("a\\b");
    assertThat(tree.read(tree.entries().getFirst())).asString().isEqualTo("one file");
  }
}
