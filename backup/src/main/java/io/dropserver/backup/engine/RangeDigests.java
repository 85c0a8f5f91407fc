package io.dropserver.backup.engine;

import io.dropserver.backup.engine.BackupManifest.Sample;
import io.dropserver.base.text.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Digests ranges of one file in one pass over its content, which ends after the last range. Needs
 * no disk, and memory for one chunk. Not thread-safe.
 */
final class RangeDigests {
  private static final int CHUNK = 1 << 18;

  private final List<Sample> ranges;
  private final List<MessageDigest> digests;
  private long at;

  RangeDigests(List<Sample> ranges) {
    this.ranges = ranges;
    this.digests = ranges.stream().map(range -> Sha256.newDigest()).toList();
  }

  /** Reads to the end of the last range. Returns false if the content ends earlier. */
  boolean read(InputStream content) throws IOException {
    long end = ranges.stream().mapToLong(range -> range.entry().end()).max().orElse(0);
    byte[] chunk = new byte[CHUNK];
    while (at < end) {
      int read = content.read(chunk);
      if (read < 0) {
        return false;
      }
      for (int i = 0; i < ranges.size(); i++) {
        Sample range = ranges.get(i);
        int from = Math.clamp(range.offset() - at, 0, read);
        int to = Math.clamp(range.offset() + range.length() - at, 0, read);
        digests.get(i).update(chunk, from, to - from);
      }
      at += read;
    }
    return true;
  }

  /** Returns a range that differs from its digest. */
  Optional<Sample> firstDifference() {
    for (int i = 0; i < ranges.size(); i++) {
      Sample range = ranges.get(i);
      boolean whole = at >= range.offset() + range.length();
      if (!whole || !HexFormat.of().formatHex(digests.get(i).digest()).equals(range.sha256())) {
        return Optional.of(range);
      }
    }
    return Optional.empty();
  }
}
