package io.dropserver.backup.copy;

import io.dropserver.sandbox.linux.FileStatus;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Counts the results of one {@link FolderCopy} pass. Not thread-safe. */
final class CopyCounters {
  long files;
  long folders;
  long bytes;
  long copiedFiles;
  long copiedBytes;
  long removed;
  private long skippedCount;
  private long offered;
  private long offeredBytes;
  private final List<SampledEntry> byEntries = new ArrayList<>();
  private final @Nullable SampledEntry[] byBytes = new SampledEntry[CopyResult.SAMPLED_RANGES];
  private final SplittableRandom random = new SplittableRandom();
  private final List<SkippedFile> skipped = new ArrayList<>();

  /**
   * Offers a file to both samples. The first sample chooses each entry with the same probability,
   * so that every name can be in it. The second sample chooses each byte with the same probability,
   * so that a large file is in it often.
   */
  void offerFile(String path, long size) {
    offerName(path, size);
    offeredBytes += size;
    for (int place = 0; size > 0 && place < CopyResult.SAMPLED_RANGES; place++) {
      if (random.nextLong(offeredBytes) < size) {
        byBytes[place] = part(path, size);
      }
    }
  }

  /** Offers a further name of a file. Its first name offers the bytes. */
  void offerName(String path, long size) {
    offerEntry(() -> part(path, size));
  }

  void offerLink(String path) {
    offerEntry(() -> SampledEntry.withoutContent(FileStatus.Type.SYMLINK, path));
  }

  void offerEmptyFolder(String path) {
    offerEntry(() -> SampledEntry.withoutContent(FileStatus.Type.FOLDER, path));
  }

  /** Adds an entry to the first sample by reservoir sampling. */
  private void offerEntry(Supplier<SampledEntry> entry) {
    offered++;
    if (byEntries.size() < CopyResult.SAMPLED_ENTRIES) {
      byEntries.add(entry.get());
      return;
    }
    long place = random.nextLong(offered);
    if (place < CopyResult.SAMPLED_ENTRIES) {
      byEntries.set((int) place, entry.get());
    }
  }

  /** Returns the whole file, or a random range of a large one. */
  private SampledEntry part(String path, long size) {
    if (size <= SampledEntry.RANGE) {
      return SampledEntry.wholeFile(path, size);
    }
    long latest = size - SampledEntry.RANGE;
    // Begin before or after the file and cut off, so that its first and last bytes are as likely.
    long offset = random.nextLong(-SampledEntry.RANGE / 2, latest + SampledEntry.RANGE / 2 + 1);
    return new SampledEntry(
        FileStatus.Type.FILE, path, Math.clamp(offset, 0, latest), SampledEntry.RANGE, size);
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
        Stream.concat(byEntries.stream(), Arrays.stream(byBytes))
            .flatMap(Stream::ofNullable)
            .distinct()
            .toList());
  }
}
