package io.dropserver.backup.copy;

import java.util.List;

/**
 * The content of a mirror after one pass, and what the pass changed.
 *
 * @param bytes total size of all files, including holes
 * @param copiedFiles files that the pass wrote
 * @param copiedBytes bytes that the pass wrote, excluding holes
 * @param removed entries that the pass removed, because the source no longer has them
 * @param skipped the first {@link #MAX_NAMED} skipped files
 * @param sample randomly chosen entries and ranges of files, which verification restores and
 *     compares
 */
public record CopyResult(
    long files,
    long folders,
    long bytes,
    long copiedFiles,
    long copiedBytes,
    long removed,
    long skippedCount,
    List<SkippedFile> skipped,
    List<SampledEntry> sample) {
  static final int MAX_NAMED = 100;
  static final int SAMPLED_ENTRIES = 32;
  static final int SAMPLED_RANGES = 16;
}
