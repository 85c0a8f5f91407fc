package io.dropserver.reconciler.notify;

import io.dropserver.control.ApprovalStatus;
import io.dropserver.control.InstanceStatus;
import io.dropserver.control.InstanceView;
import io.dropserver.control.ObjectStatus;
import io.dropserver.state.condition.Condition;
import io.dropserver.state.condition.ConditionType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Collects the current problems that need an operator, such as a refused revision, a pending
 * approval, a failed backup, a disk that is almost full, or an appspace that cannot be served.
 */
final class AlertCollector {
  private static final Set<ConditionType> BACKUPS =
      Set.of(ConditionType.BACKED_UP, ConditionType.REPOSITORY_BACKED_UP);

  /** A remote that fails for a shorter time is no alert, because it needs no person. */
  static final Duration SOURCE_OUTAGE = Duration.ofMinutes(15);

  private static final Set<String> UNDECIDED = Set.of("queued", "open");

  private AlertCollector() {}

  static List<Alert> of(InstanceView view, Instant now) {
    List<Alert> found = new ArrayList<>();
    InstanceStatus status = view.status();
    for (Condition condition : status.conditions()) {
      if (condition.severity().needsAttention() && !isShortOutage(condition, now)) {
        found.add(ofServer(condition, status));
      }
    }
    for (ObjectStatus object : status.objects()) {
      object.problems().forEach(condition -> found.add(of(object, condition)));
    }
    view.approvals().stream()
        .filter(request -> UNDECIDED.contains(request.state()))
        .forEach(request -> found.add(of(request)));
    return found;
  }

  /** A condition of a later date is not short, because the date was set back. */
  private static boolean isShortOutage(Condition condition, Instant now) {
    Duration age = Duration.between(condition.since(), now);
    return condition.hasType(ConditionType.SOURCE_FAILING)
        && !age.isNegative()
        && age.compareTo(SOURCE_OUTAGE) < 0;
  }

  /**
   * Returns the alert for a server condition. Each refused revision is a separate alert, even if
   * the reason is the same.
   */
  private static Alert ofServer(Condition condition, InstanceStatus status) {
    String seen =
        condition.hasType(ConditionType.REVISION_REFUSED)
            ? status.revision().seen().orElse("")
            : "";
    String first =
        status.problems().stream()
            .findFirst()
            .filter(problem -> !seen.isEmpty())
            .map(
                p -> " First: " + p.file() + ":" + p.line() + ":" + p.column() + ": " + p.message())
            .orElse("");
    return new Alert(
        "server "
            + condition.type()
            + repository(condition)
            + " "
            + condition.reason()
            + " "
            + seen,
        condition.problem(),
        condition.message() + first);
  }

  /** Returns the repository of a condition, because several may fail for the same reason. */
  private static String repository(Condition condition) {
    return condition.hasType(ConditionType.REPOSITORY_BACKED_UP)
        ? " " + condition.message().split(":", 2)[0]
        : "";
  }

  private static Alert of(ObjectStatus object, Condition condition) {
    boolean backup = condition.hasTypeIn(BACKUPS);
    return new Alert(
        object.kind()
            + "/"
            + object.name()
            + " "
            + condition.type()
            + repository(condition)
            + " "
            + condition.reason()
            + which(condition),
        (backup ? "Backup of " + object.name() + " failed: " : object.name() + ": ")
            + (backup ? condition.reason() : condition.problem()),
        condition.message());
  }

  /** Returns which grants end, so that a further one is a separate alert. */
  private static String which(Condition condition) {
    return condition.hasType(ConditionType.GRANT_ENDING)
        ? " " + Integer.toHexString(condition.message().hashCode())
        : "";
  }

  private static Alert of(ApprovalStatus request) {
    String where =
        request
            .pullRequest()
            .or(() -> request.branch().map(branch -> "branch " + branch))
            .orElse("dropserver approvals show " + request.id());
    String what =
        request.suggested().isEmpty()
            ? String.join(", ", request.methods()) + " " + request.url()
            : request.suggested().size() + " destinations and browser features of its manifest";
    return new Alert(
        "approval " + request.id(),
        request.appspace() + " asks for approval",
        request.appspace() + " requests access to " + what + ". Decide: " + where);
  }
}
