package io.dropserver.schema.instance;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The files of one revision, as the reader sees them: a Git tree or a folder on disk. Nothing is
 * followed: no symlink, no submodule.
 *
 * <p>Implementations are safe for use by several threads.
 */
public interface SourceTree {

  /** Every entry that is not a folder, in order of path. Includes symlinks and submodules. */
  List<Entry> entries();

  /**
   * The bytes of an entry.
   *
   * @throws IOException when the source cannot be read
   */
  byte[] read(Entry entry) throws IOException;

  default Optional<Entry> find(String path) {
    return entries().stream().filter(e -> e.path().equals(path)).findFirst();
  }

  /**
   * @param path relative, with forward slashes
   * @param id identifies the content: equal ids mean equal bytes
   * @param sizeBytes length of the content
   */
  record Entry(String path, String id, Type type, long sizeBytes) {}

  enum Type {
    FILE,
    EXECUTABLE,
    SYMLINK,
    SUBMODULE,
    OTHER
  }
}
