package io.dropserver.backup.copy;

import io.dropserver.sandbox.linux.FileStatus;

/**
 * An entry of a mirror that a verification restores and compares: a file or a range of a file, a
 * symlink, or an empty folder.
 *
 * @param path below the data folder, in the Latin form of {@link PathText}
 * @param offset where the range begins; 0 for a symlink and a folder
 * @param length of the range; -1 for a whole file of unknown size
 * @param size of the whole file; -1 if it is unknown
 */
public record SampledEntry(FileStatus.Type type, String path, long offset, long length, long size) {
  /** Larger files are sampled by ranges of this length, which bounds what a verification reads. */
  static final long RANGE = 16 << 20;

  public static SampledEntry wholeFile(String path, long size) {
    return new SampledEntry(FileStatus.Type.FILE, path, 0, size, size);
  }

  static SampledEntry withoutContent(FileStatus.Type type, String path) {
    return new SampledEntry(type, path, 0, 0, 0);
  }

  /** Returns whether the entry is only a part of a file. */
  public boolean isRange() {
    return length < size;
  }

  /** Returns the end of the range in the file, exclusive. */
  public long end() {
    return offset + length;
  }
}
