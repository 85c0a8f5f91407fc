package io.dropserver.backup.restic;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Restores a folder of a snapshot with a restic before 0.16, which restores whole snapshots only:
 * restores what is below the folder beside the target, and moves the folder to the target.
 *
 * @param from a folder of the snapshot, such as {@code data}
 * @param target does not exist
 */
record SubfolderRestore(String from, Path target) implements AutoCloseable {
  /** Returns a folder on the file system of the target, which {@link #close} removes. */
  Path temporary() {
    return target.resolveSibling(target.getFileName() + ".restic");
  }

  /**
   * Returns the patterns of the whole snapshot.
   *
   * @param paths patterns below the folder; empty means everything
   */
  List<String> patterns(List<String> paths) {
    List<String> patterns = new ArrayList<>();
    for (String path : paths.isEmpty() ? List.of("") : paths) {
      patterns.add("/" + from + path);
    }
    return patterns;
  }

  /** Moves the restored folder to the target, which stays empty if nothing was restored. */
  void finish() {
    try {
      Path restored = temporary().resolve(from);
      if (Files.isDirectory(restored)) {
        Files.move(restored, target);
      } else {
        Files.createDirectory(target);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot move the restored data to " + target, e);
    }
  }

  @Override
  public void close() {
    try {
      AtomicFiles.deleteTree(temporary());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + temporary(), e);
    }
  }
}
