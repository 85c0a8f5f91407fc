package io.dropserver.web.dashboard;

import io.dropserver.schema.status.AppspaceReason;
import io.dropserver.schema.status.BackupReason;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.web.home.AppMetadataSource.Activity;
import io.dropserver.web.home.AppspaceState;
import java.util.Locale;
import java.util.Set;

/** Maps conditions and states to CSS classes, and formats numbers. Thread-safe. */
final class StatusText {
  /** Conditions that are true in the normal case. All others are false in the normal case. */
  private static final Set<ConditionType> GOOD_WHEN_TRUE =
      Set.of(
          ConditionType.READY,
          ConditionType.ISOLATED,
          ConditionType.BACKED_UP,
          ConditionType.KEPT_AWAKE,
          ConditionType.OFF_MACHINE);

  /** Conditions that are true because of a person's request, or that await a person's action. */
  private static final Set<ConditionType> NOT_FAILURES =
      Set.of(
          ConditionType.KEPT,
          ConditionType.SUSPENDED,
          ConditionType.UPDATE_OFFERED,
          ConditionType.GRANT_ENDING,
          ConditionType.DATA_IN_BACKUP,
          ConditionType.DELETION_WAITS,
          ConditionType.APPROVALS_WAITING,
          ConditionType.CERTIFICATE_EXPIRING,
          ConditionType.SWAP_UNAVAILABLE);

  private StatusText() {}

  static String tone(Condition condition) {
    if (condition.hasTypeIn(GOOD_WHEN_TRUE)) {
      return condition.status() ? "good" : toneOfFalse(condition);
    }
    if (!condition.status()) {
      return "good";
    }
    return condition.hasTypeIn(NOT_FAILURES) ? "warn" : "bad";
  }

  private static String toneOfFalse(Condition condition) {
    if (condition.hasTypeIn(Set.of(ConditionType.OFF_MACHINE))) {
      return "warn"; // the backups work, and wait for a person to choose another disk
    }
    if (condition.hasReason(AppspaceReason.PAUSED)
        || condition.hasReason(AppspaceReason.HELD_BY_OPERATOR)) {
      return "dim";
    }
    // The condition becomes true without an action.
    boolean early =
        condition.hasReason(BackupReason.NOT_YET) || condition.hasReason(AppspaceReason.PREPARING);
    return early ? "warn" : "bad";
  }

  static AppspaceState standing(ObjectStatus appspace, Activity activity) {
    if (appspace.hasReason(AppspaceReason.PAUSED)
        || appspace.hasReason(AppspaceReason.HELD_BY_OPERATOR)) {
      return AppspaceState.PAUSED;
    }
    if (appspace.ready()) {
      return AppspaceState.of(activity);
    }
    return appspace.hasReason(AppspaceReason.PREPARING)
        ? AppspaceState.PREPARING
        : AppspaceState.FAILED;
  }

  /** Formats thousandths of a core as a percentage of one core. */
  static String cores(long millis) {
    return String.format(Locale.ROOT, millis % 10 == 0 ? "%.0f %%" : "%.1f %%", millis / 10.0);
  }

  static String plain(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
