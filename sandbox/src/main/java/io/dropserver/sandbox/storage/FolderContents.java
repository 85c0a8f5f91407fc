package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * How much a folder holds. Follows no symlink; a file that goes meanwhile counts for nothing.
 *
 * @param bytes in blocks, as files take them; a hole counts as if it were full
 * @param files folders included
 */
record FolderContents(long bytes, long files) {
  private static final long BLOCK = 4096;

  /** An app may make millions of files: counting them all would keep the disk busy for hours. */
  private static final long MOST_FILES = 1_000_000;

  static FolderContents of(Path folder) {
    long[] sums = new long[2];
    try {
      Files.walkFileTree(folder, new Counting(folder, sums));
    } catch (IOException e) {
      throw new StorageException("cannot measure " + folder + ": " + e, e);
    }
    return new FolderContents(sums[0], sums[1]);
  }

  private static final class Counting extends SimpleFileVisitor<Path> {
    private final Path top;
    private final long[] sums;

    Counting(Path top, long[] sums) {
      this.top = top;
      this.sums = sums;
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
      sums[0] += (attributes.size() + BLOCK - 1) / BLOCK * BLOCK;
      sums[1]++;
      return sums[1] < MOST_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
    }
  }
}
