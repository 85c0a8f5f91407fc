package io.dropserver.web.dashboard;

import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.web.home.Appearances.Activity;
import io.dropserver.web.home.Standing;
import java.util.Locale;
import java.util.Set;

/** Conditions and states in the words and tones of pages. */
final class Words {
  /** Of these it is good that they are true; of all others that they are not. */
  private static final Set<String> WANTED = Set.of("Ready", "Isolated", "BackedUp", "OffMachine");

  /** True and no trouble: somebody asked for it, or is to decide something. */
  private static final Set<String> NOTED =
      Set.of("Kept", "DeletionDeferred", "Suspended", "ApprovalsWaiting", "CertificateExpiring");

  /** False for now, and nobody need do anything. */
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

  /** Of thousandths of a core, as percent of one. */
  static String cores(long millis) {
    return String.format(Locale.ROOT, millis % 10 == 0 ? "%.0f %%" : "%.1f %%", millis / 10.0);
  }

  static String plain(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
