package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The size of a folder's contents, which is counted recursively. Follows no symlinks. Files that
 * disappear during the count are ignored.
 *
 * @param bytes sum of file sizes, rounded up to whole blocks; holes count as data
 * @param files including folders
 */
record FolderContents(long bytes, long files) {
  private static final long BLOCK = 4096;

  /** An app may create millions of files. Counting them all would keep the disk busy for hours. */
  private static final long MOST_FILES = 1_000_000;

  /** Counts up to a maximum number of files. */
  static FolderContents of(Path folder) {
    return count(folder, MOST_FILES, () -> {});
  }

  /**
   * Counts all files.
   *
   * @param eachFile called for each file; may throw to end the count
   */
  static FolderContents whole(Path folder, Runnable eachFile) {
    return count(folder, Long.MAX_VALUE, eachFile);
  }

  private static FolderContents count(Path folder, long most, Runnable eachFile) {
    long[] sums = new long[2];
    try {
      Files.walkFileTree(folder, new Counting(folder, sums, most, eachFile));
    } catch (IOException e) {
      throw new StorageException("cannot measure " + folder + ": " + e, e);
    }
    return new FolderContents(sums[0], sums[1]);
  }

  private static final class Counting extends SimpleFileVisitor<Path> {
    private final Path top;
    private final long[] sums;
    private final long most;
    private final Runnable eachFile;

    Counting(Path top, long[] sums, long most, Runnable eachFile) {
      this.top = top;
      this.sums = sums;
      this.most = most;
      this.eachFile = eachFile;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
      return folder.equals(top) ? FileVisitResult.CONTINUE : count(attributes);
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      return count(attributes);
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException gone) {
      return FileVisitResult.CONTINUE;
    }

    private FileVisitResult count(BasicFileAttributes attributes) {
      eachFile.run();
      sums[0] += (attributes.size() + BLOCK - 1) / BLOCK * BLOCK;
      sums[1]++;
      return sums[1] < most ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }
  }
}
