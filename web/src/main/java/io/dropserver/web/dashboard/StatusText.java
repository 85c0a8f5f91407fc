package io.dropserver.web.dashboard;

import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.AppspaceReason;
import io.dropserver.state.condition.Severity;
import io.dropserver.web.home.AppMetadataSource.Activity;
import io.dropserver.web.home.AppspaceState;
import java.util.Locale;

/** Maps conditions and states to CSS classes, and formats numbers. Thread-safe. */
final class StatusText {
  private StatusText() {}

  static String tone(Severity severity) {
    return switch (severity) {
      case OK -> "good";
      case INFO -> "dim";
      case WARNING -> "warn";
      case ERROR -> "bad";
    };
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
