package io.dropserver.reconciler.notify;

import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.BackupReason;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.ConditionType;
import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.InstanceView;
import io.dropserver.schema.status.ObjectStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Collects the current problems that need an operator, such as a refused revision, a pending
 * approval, a failed backup, a disk that is almost full, or an appspace that cannot be served.
 */
final class AlertCollector {
  /** Server conditions that are alerts while they are true. */
  private static final Set<ConditionType> OF_THE_SERVER =
      Set.of(
          ConditionType.REVISION_REFUSED,
          ConditionType.DISK_LOW,
          ConditionType.APPROVALS_WAITING,
          ConditionType.DATABASE_REBUILT,
          ConditionType.CERTIFICATE_INVALID,
          ConditionType.CERTIFICATE_EXPIRING,
          ConditionType.CERTIFICATE_MISSING,
          ConditionType.LOGIN_PROVIDER_FAILING);

  /** Object conditions that are alerts while they are true. */
  private static final Set<ConditionType> OF_AN_OBJECT =
      Set.of(
          ConditionType.STORAGE_FULL,
          ConditionType.STORAGE_READ_ONLY,
          ConditionType.JOB_FAILING,
          ConditionType.GRANT_ENDING,
          ConditionType.HOST_NOT_VERIFIED,
          ConditionType.STALLED);

  /** Object conditions that are alerts while they are false. */
  private static final Set<ConditionType> BACKUPS =
      Set.of(ConditionType.BACKED_UP, ConditionType.REPOSITORY_BACKED_UP);

  private static final Set<String> UNDECIDED = Set.of("queued", "open");

  private AlertCollector() {}

  static List<Alert> of(InstanceView view) {
    List<Alert> found = new ArrayList<>();
    InstanceStatus status = view.status();
    for (Condition condition : status.conditions()) {
      if (condition.status() && condition.hasTypeIn(OF_THE_SERVER)) {
        found.add(ofServer(condition, status));
      }
    }
    for (ObjectStatus object : status.objects()) {
      object.conditions().stream()
          .filter(AlertCollector::isAlert)
          .forEach(condition -> found.add(of(object, condition)));
    }
    view.approvals().stream()
        .filter(request -> UNDECIDED.contains(request.state()))
        .forEach(request -> found.add(of(request)));
    return found;
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
        "server " + condition.type() + " " + condition.reason() + " " + seen,
        condition.type(),
        condition.message() + first);
  }

  private static boolean isAlert(Condition condition) {
    return condition.hasTypeIn(BACKUPS)
        ? !condition.status() && !condition.hasReason(BackupReason.NOT_YET)
        : condition.status() && condition.hasTypeIn(OF_AN_OBJECT);
  }

  private static Alert of(ObjectStatus object, Condition condition) {
    boolean backup = condition.hasTypeIn(BACKUPS);
    // Several repositories may fail for the same reason.
    String repository =
        condition.hasType(ConditionType.REPOSITORY_BACKED_UP)
            ? " " + condition.message().split(":", 2)[0]
            : "";
    return new Alert(
        object.kind()
            + "/"
            + object.name()
            + " "
            + condition.type()
            + repository
            + " "
            + condition.reason()
            + which(condition),
        (backup ? "Backup of " + object.name() + " failed: " : object.name() + ": ")
            + (backup ? condition.reason() : condition.type()),
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
