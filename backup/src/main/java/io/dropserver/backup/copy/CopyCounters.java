package io.dropserver.backup.copy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Counts the results of one {@link FolderCopy} pass. Not thread-safe. */
final class CopyCounters {
  private static final long LARGEST_SAMPLED = 16 << 20;

  long files;
  long folders;
  long bytes;
  long copiedFiles;
  long copiedBytes;
  long removed;
  private long skippedCount;
  private long offered;
  private final List<String> sample = new ArrayList<>();
  private final SplittableRandom random = new SplittableRandom();
  private final List<SkippedFile> skipped = new ArrayList<>();

  /**
   * Adds a file of the mirror to the sample by reservoir sampling, so that each eligible file is
   * chosen with the same probability. Files above 16 MiB and names that need quoting in a restic
   * pattern are not eligible.
   */
  void offerToSample(String path, long size) {
    if (size > LARGEST_SAMPLED || !isPlain(path)) {
      return;
    }
    offered++;
    if (sample.size() < CopyResult.SAMPLE) {
      sample.add(path);
      return;
    }
    long place = random.nextLong(offered);
    if (place < CopyResult.SAMPLE) {
      sample.set((int) place, path);
    }
  }

  /** Returns whether the name needs no quoting in a restic pattern. */
  private static boolean isPlain(String path) {
    return path.chars()
        .allMatch(c -> (c < 0x7f && Character.isLetterOrDigit(c)) || "._-/ ".indexOf(c) >= 0);
  }

  void skip(String folder, String name, String why) {
    skippedCount++;
    if (skipped.size() < CopyResult.MAX_NAMED) {
      skipped.add(SkippedFile.of(folder.isEmpty() ? name : folder + "/" + name, why));
    }
  }

  CopyResult result() {
    return new CopyResult(
        files,
        folders,
        bytes,
        copiedFiles,
        copiedBytes,
        removed,
        skippedCount,
        List.copyOf(skipped),
        List.copyOf(sample));
  }
}
