package io.dropserver.backup.engine;

import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Locks and removes the mirrors on disk. At most one backup uses a mirror at a time. Thread-safe.
 */
final class Mirrors {
  private final BackupFolders folders;
  private final ConcurrentMap<String, ReentrantLock> running = new ConcurrentHashMap<>();

  Mirrors(BackupFolders folders) {
    this.folders = folders;
  }

  /** Returns the lock that a backup holds while it uses the mirror of this data. */
  ReentrantLock lock(String dataId) {
    return running.computeIfAbsent(dataId, id -> new ReentrantLock());
  }

  /**
   * Removes the mirrors of all other data. Mirrors in use and the mirror of the server's state
   * stay.
   */
  void keepOnly(Set<String> dataIds) {
    try (Stream<Path> mirrors = Files.list(folders.mirrors())) {
      List<String> gone =
          mirrors
              .map(folder -> String.valueOf(folder.getFileName()))
              .filter(id -> !dataIds.contains(id) && !id.equals(BackupEngine.SERVER_TAG))
              .toList();
      gone.forEach(this::remove);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folders.mirrors(), e);
    }
  }

  void remove(String dataId) {
    ReentrantLock lock = lock(dataId);
    if (!lock.tryLock()) {
      return;
    }
    try {
      AtomicFiles.deleteTree(folders.mirror(dataId));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove the mirror of " + dataId, e);
    } finally {
      lock.unlock();
    }
  }
}
