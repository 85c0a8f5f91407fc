package io.dropserver.backup.engine;

import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticRepository.RetentionPlan;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.schema.instance.BackupPolicy.Keep;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Removes the snapshots that neither the policy nor a rollback needs. Thread-safe. */
record Retention(ResticRepository resticRepository, InstantSource clock) {
  /**
   * Removes snapshots that the policy does not keep. Snapshots of a later date than today do not
   * displace the last ones.
   *
   * @param group tags of the snapshots to consider
   * @param sacred ids of snapshots that always stay
   * @param versions versions of the app whose newest snapshot stays, for a rollback to that version
   * @return the number of removed snapshots
   */
  int expire(List<String> group, Keep keep, Set<String> sacred, Set<String> versions) {
    RetentionPlan retentionPlan = resticRepository.planRetention(group, counts(keep));
    Set<String> staying = new HashSet<>(sacred);
    List<ResticSnapshot> newestFirst =
        Stream.concat(retentionPlan.kept().stream(), retentionPlan.removed().stream())
            .sorted(ResticSnapshot.newestFirst(clock.instant()))
            .toList();
    newestFirst.stream().limit(last(keep)).map(ResticSnapshot::id).forEach(staying::add);
    staying.addAll(rollbackSnapshots(newestFirst, versions));
    List<String> surplus =
        retentionPlan.removed().stream()
            .map(ResticSnapshot::id)
            .filter(id -> !staying.contains(id))
            .toList();
    resticRepository.forget(surplus);
    return surplus.size();
  }

  private static int last(Keep keep) {
    return Math.max(1, keep.last());
  }

  private static Map<String, Integer> counts(Keep keep) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("last", last(keep));
    counts.put("hourly", keep.hourly());
    counts.put("daily", keep.daily());
    counts.put("weekly", keep.weekly());
    counts.put("monthly", keep.monthly());
    counts.put("yearly", keep.yearly());
    return counts;
  }

  /**
   * Returns the newest snapshots of the current version, of the previous one, and of each of {@code
   * versions}.
   */
  private static Set<String> rollbackSnapshots(
      List<ResticSnapshot> newestFirst, Set<String> versions) {
    Map<String, ResticSnapshot> newest = new LinkedHashMap<>();
    newestFirst.forEach(each -> version(each).ifPresent(v -> newest.putIfAbsent(v, each)));
    Set<String> ids = new HashSet<>();
    newest.values().stream().limit(2).map(ResticSnapshot::id).forEach(ids::add);
    newest.keySet().retainAll(versions);
    newest.values().stream().map(ResticSnapshot::id).forEach(ids::add);
    return ids;
  }

  private static Optional<String> version(ResticSnapshot resticSnapshot) {
    return resticSnapshot.tag("version").filter(version -> !version.isEmpty());
  }
}
