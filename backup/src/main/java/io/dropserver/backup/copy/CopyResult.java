package io.dropserver.backup.copy;

import java.util.List;

/**
 * What a mirror holds after a pass, and what the pass did.
 *
 * @param bytes of all files, holes included
 * @param copiedFiles written by this pass
 * @param copiedBytes written by this pass, holes left out
 * @param removed names that the source has no more
 * @param skipped the first of them, at most {@link #MOST_NAMED}
 * @param sample paths of some files, chosen at random: those that a later restore is proven by
 */
public record CopyResult(
    long files,
    long folders,
    long bytes,
    long copiedFiles,
    long copiedBytes,
    long removed,
    long skippedCount,
    List<Skipped> skipped,
    List<String> sample) {
  static final int MOST_NAMED = 100;
  static final int SAMPLE = 32;
}
