package io.dropserver.backup.engine;

import io.dropserver.schema.state.AtomicFiles;
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

/** The mirrors on disk: one run at a time on each, and those of data that is gone go too. */
final class Mirrors {
  private final BackupFolders folders;
  private final ConcurrentMap<String, ReentrantLock> running = new ConcurrentHashMap<>();

  Mirrors(BackupFolders folders) {
    this.folders = folders;
  }

  /** Held while a run uses the mirror of that data. */
  ReentrantLock lock(String dataId) {
    return running.computeIfAbsent(dataId, id -> new ReentrantLock());
  }

  /** Removes all but those of this data; one that a run uses stays until the next time. */
  void keepOnly(Set<String> dataIds) {
    try (Stream<Path> mirrors = Files.list(folders.mirrors())) {
      List<String> gone =
          mirrors
              .map(folder -> String.valueOf(folder.getFileName()))
              .filter(id -> !dataIds.contains(id) && !id.equals(Backups.SERVER))
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
