package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.state.condition.BackupReason;
import java.time.Instant;
import java.util.List;
import java.util.TreeMap;

/** Chooses the snapshots that a recovery restores. */
final class RecoverySnapshots {
  private RecoverySnapshots() {}

  /**
   * Requires that the dates tell which backups are the newest. They do not if some are later than
   * the date of this machine and others are not.
   */
  static void requirePlausible(List<ResticSnapshot> all, Instant now) {
    List<ResticSnapshot> late = all.stream().filter(each -> each.isLate(now)).toList();
    if (!late.isEmpty() && late.size() < all.size()) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          "the date of this machine is %s, and %d of %d backups are of later dates, such as %s of %s, so that the newest ones are not known; correct the date of this machine, or if those dates are wrong, delete those backups with `restic forget ID`"
              .formatted(
                  RepositoryCondition.text(now),
                  late.size(),
                  all.size(),
                  late.getFirst().shortId(),
                  RepositoryCondition.text(late.getFirst().time())));
    }
  }

  /**
   * Returns the newest snapshot of each appspace. Appspaces of the same name but with another app
   * or owner are separate.
   */
  static Iterable<ResticSnapshot> newest(List<ResticSnapshot> newestFirst) {
    TreeMap<String, ResticSnapshot> newest = new TreeMap<>();
    for (ResticSnapshot resticSnapshot : newestFirst) {
      resticSnapshot
          .tag("appspace")
          .ifPresent(
              name ->
                  newest.putIfAbsent(
                      "%s %s %s"
                          .formatted(
                              name,
                              resticSnapshot.tag("app").orElse(""),
                              resticSnapshot.tag("owner").orElse("")),
                      resticSnapshot));
    }
    return newest.values();
  }
}
