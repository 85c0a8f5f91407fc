package io.dropserver.schema.instance;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * A snapshot of a folder listing on disk. Symlinks are listed but never followed; {@code .git} is
 * excluded. Content is identified by path, size and modification time, so an edit that changes
 * neither size nor timestamp is not detected.
 */
public record FolderTree(Path root, List<TreeEntry> entries) implements SourceTree {

  /**
   * Lists a folder without some of its files and folders.
   *
   * @param skipped receives each path relative to the root; those of folders end with a slash
   * @throws NoSuchFileException if the folder does not exist
   */
  public static FolderTree of(Path root, Predicate<String> skipped) throws IOException {
    if (!Files.isDirectory(root)) {
      throw new NoSuchFileException(root.toString(), null, "no such folder");
    }
    Lister lister = new Lister(root, skipped);
    Files.walkFileTree(root, lister);
    lister.found.sort(Comparator.comparing(TreeEntry::path));
    return new FolderTree(root, List.copyOf(lister.found));
  }

  @Override
  public byte[] read(TreeEntry treeEntry) throws IOException {
    Path file = root.resolve(treeEntry.path());
    try (var in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      // Reading one byte more than listed detects a file that has grown, in bounded memory.
      return in.readNBytes(Math.toIntExact(Math.min(treeEntry.sizeBytes() + 1, 1L << 30)));
    }
  }

  private static final class Lister extends SimpleFileVisitor<Path> {
    private final Path root;
    private final List<TreeEntry> found = new ArrayList<>();

    private final Predicate<String> skipped;

    private Lister(Path root, Predicate<String> skipped) {
      this.root = root;
      this.skipped = skipped;
    }

    private String pathOf(Path file) {
      return root.relativize(file).toString();
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      boolean left =
          !folder.equals(root) && (folder.endsWith(".git") || skipped.test(pathOf(folder) + "/"));
      return left ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      String path = pathOf(file);
      if (file.endsWith(".git") || skipped.test(path)) {
        return FileVisitResult.CONTINUE;
      }
      String id =
          path
              + ":"
              + attributes.size()
              + ":"
              + attributes.lastModifiedTime().to(java.util.concurrent.TimeUnit.NANOSECONDS)
              + ":"
              + attributes.fileKey();
      found.add(new TreeEntry(path, id, type(file, attributes), attributes.size()));
      return FileVisitResult.CONTINUE;
    }

    private static TreeEntryType type(Path file, BasicFileAttributes attributes)
        throws IOException {
      if (attributes.isSymbolicLink()) {
        return TreeEntryType.SYMLINK;
      }
      if (!attributes.isRegularFile()) {
        return TreeEntryType.OTHER;
      }
      boolean executable =
          Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .permissions()
              .contains(PosixFilePermission.OWNER_EXECUTE);
      return executable ? TreeEntryType.EXECUTABLE : TreeEntryType.FILE;
    }
  }
}
