package io.dropserver.schema.instance;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The files of one revision: a Git tree or a folder on disk. Symlinks and submodules are not
 * followed.
 *
 * <p>Implementations are thread-safe.
 */
public interface SourceTree {

  /**
   * Returns every entry that is not a folder, ordered by path. Includes symlinks and submodules.
   */
  List<TreeEntry> entries();

  /**
   * Returns the content of an entry.
   *
   * @throws IOException if the source cannot be read
   */
  byte[] read(TreeEntry treeEntry) throws IOException;

  default Optional<TreeEntry> find(String path) {
    return entries().stream().filter(e -> e.path().equals(path)).findFirst();
  }

  /**
   * @param path relative, with forward slashes
   * @param id identifies the content: equal ids mean equal bytes
   * @param sizeBytes length of the content
   */
  record TreeEntry(String path, String id, TreeEntryType type, long sizeBytes) {}

  enum TreeEntryType {
    FILE,
    EXECUTABLE,
    SYMLINK,
    SUBMODULE,
    OTHER
  }
}
