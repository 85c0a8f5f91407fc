package io.dropserver.web.dashboard;

import io.dropserver.web.control.InstanceView.Condition;
import io.dropserver.web.control.InstanceView.ObjectStatus;
import io.dropserver.web.home.Appearances.Activity;
import io.dropserver.web.home.Standing;
import java.util.Locale;
import java.util.Set;

/** Words and colours for conditions and states. */
final class Words {
  /** Conditions that are good when true. All others are good when false. */
  private static final Set<String> WANTED = Set.of("Ready", "Isolated", "BackedUp", "OffMachine");

  /**
   * Conditions that are true without being a failure: a person requested the state, or has to
   * decide something.
   */
  private static final Set<String> NOTED =
      Set.of("Kept", "DeletionDeferred", "Suspended", "ApprovalsWaiting", "CertificateExpiring");

  /** Reasons for a false condition that resolve without action. */
  private static final Set<String> EARLY = Set.of("NotYet", "Preparing");

  private Words() {}

  static String tone(Condition condition) {
    if (WANTED.contains(condition.type())) {
      return condition.status() ? "good" : unwanted(condition.reason());
    }
    if (!condition.status()) {
      return "good";
    }
    return NOTED.contains(condition.type()) ? "warn" : "bad";
  }

  private static String unwanted(String reason) {
    if (isPause(reason)) {
      return "dim";
    }
    return EARLY.contains(reason) ? "warn" : "bad";
  }

  static Standing standing(ObjectStatus appspace, Activity activity) {
    if (isPause(appspace.reason())) {
      return Standing.PAUSED;
    }
    if (appspace.ready()) {
      return Standing.of(activity);
    }
    return appspace.reason().equals("Preparing") ? Standing.PREPARING : Standing.FAILED;
  }

  private static boolean isPause(String reason) {
    return reason.equals("Paused") || reason.equals("HeldByOperator");
  }

  /** Thousandths of a core as a percentage of one core. */
  static String cores(long millis) {
    return String.format(Locale.ROOT, millis % 10 == 0 ? "%.0f %%" : "%.1f %%", millis / 10.0);
  }

  static String plain(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
