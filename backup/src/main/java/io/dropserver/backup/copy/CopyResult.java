package io.dropserver.backup.copy;

import java.util.List;

/**
 * The content of a mirror after a pass, and the work of that pass.
 *
 * @param bytes of all files, including holes
 * @param copiedFiles written by this pass
 * @param copiedBytes written by this pass, excluding holes
 * @param removed names that no longer exist in the source
 * @param skipped the first of them, at most {@link #MAX_NAMED}
 * @param sample paths of randomly chosen files, with which a later restore is verified
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
    List<String> sample) {
  static final int MAX_NAMED = 100;
  static final int SAMPLE = 32;
}
