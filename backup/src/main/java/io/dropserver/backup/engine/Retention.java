package io.dropserver.backup.engine;

import io.dropserver.backup.restic.Repository;
import io.dropserver.backup.restic.Repository.Kept;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Which snapshots go, and which stay whatever a policy says. Safe for use by several threads. */
final class Retention {
  private final Repository repository;

  Retention(Repository repository) {
    this.repository = repository;
  }

  /**
   * Removes what the policy does not keep.
   *
   * @param group tags of the snapshots that are meant
   * @param sacred ids that stay
   * @param versions those of the app whose newest snapshot stays: it is the way back to them
   * @return how many were removed
   */
  int expire(List<String> group, Keep keep, Set<String> sacred, Set<String> versions) {
    Kept kept = repository.wouldKeep(group, counts(keep));
    Set<String> staying = new HashSet<>(sacred);
    staying.addAll(waysBack(kept, versions));
    List<String> surplus =
        kept.removed().stream().map(Snapshot::id).filter(id -> !staying.contains(id)).toList();
    repository.forget(surplus);
    return surplus.size();
  }

  private static Map<String, Integer> counts(Keep keep) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("last", Math.max(1, keep.last()));
    counts.put("hourly", keep.hourly());
    counts.put("daily", keep.daily());
    counts.put("weekly", keep.weekly());
    counts.put("monthly", keep.monthly());
    counts.put("yearly", keep.yearly());
    return counts;
  }

  /** The newest of each such version, and of the one before that which has the data now. */
  private static Set<String> waysBack(Kept kept, Set<String> versions) {
    Map<String, Snapshot> newest = new LinkedHashMap<>();
    Stream.concat(kept.kept().stream(), kept.removed().stream())
        .sorted(Comparator.comparing(Snapshot::time).reversed())
        .forEach(each -> version(each).ifPresent(v -> newest.putIfAbsent(v, each)));
    Set<String> ids = new HashSet<>();
    newest.values().stream().limit(2).map(Snapshot::id).forEach(ids::add);
    newest.forEach(
        (version, snapshot) -> {
          if (versions.contains(version)) {
            ids.add(snapshot.id());
          }
        });
    return ids;
  }

  private static Optional<String> version(Snapshot snapshot) {
    return snapshot.tag("version").filter(version -> !version.isEmpty());
  }
}
