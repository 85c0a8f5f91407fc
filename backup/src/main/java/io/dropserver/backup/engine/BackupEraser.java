package io.dropserver.backup.engine;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.state.condition.BackupReason;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;

/**
 * Removes snapshots with the data that only they contain, and mirrors. A running backup of the same
 * data ends first, so that it adds no snapshot afterwards. Thread-safe.
 */
record BackupEraser(ResticRepository resticRepository, Mirrors mirrors) {
  /** See {@link BackupEngine#erase}. */
  List<ResticSnapshot> erase(Set<String> dataIds, Predicate<ResticSnapshot> chosen) {
    Set<String> affected = new TreeSet<>(dataIds); // in one order, so that no two erasures deadlock
    find(chosen).forEach(each -> each.tag("data").ifPresent(affected::add));
    Deque<ReentrantLock> held = new ArrayDeque<>();
    try {
      for (String dataId : affected) {
        ReentrantLock lock = mirrors.lock(dataId);
        lock.lockInterruptibly();
        held.push(lock);
      }
      affected.forEach(mirrors::remove);
      return erase(chosen);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(
          BackupReason.INTERRUPTED, "the erasure was stopped before it began", e);
    } finally {
      held.forEach(ReentrantLock::unlock);
    }
  }

  private List<ResticSnapshot> erase(Predicate<ResticSnapshot> chosen) {
    List<ResticSnapshot> erased = find(chosen);
    resticRepository.forget(erased.stream().map(ResticSnapshot::id).toList());
    // A restic before 0.17 reports success although the repository refuses to remove snapshots.
    int remaining = find(chosen).size();
    if (remaining > 0) {
      throw new BackupException(
          BackupReason.BACKUP_FAILED,
          "%d of %d snapshots were not removed from %s: a repository that is append-only refuses; remove them on the machine that stores it, or with credentials that may delete"
              .formatted(remaining, erased.size(), resticRepository.settings().repository()));
    }
    resticRepository.pruneAll();
    return erased;
  }

  private List<ResticSnapshot> find(Predicate<ResticSnapshot> chosen) {
    return resticRepository.snapshots().stream().filter(chosen).toList();
  }
}
