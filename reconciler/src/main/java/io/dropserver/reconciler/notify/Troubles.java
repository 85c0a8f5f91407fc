package io.dropserver.reconciler.notify;

import io.dropserver.reconciler.status.Reasons;
import io.dropserver.schema.status.ApprovalStatus;
import io.dropserver.schema.status.Condition;
import io.dropserver.schema.status.InstanceStatus;
import io.dropserver.schema.status.ObjectStatus;
import io.dropserver.web.control.InstanceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a person should know of now: a refused revision, a waiting approval, a failed backup, a disk
 * that runs full, an appspace that cannot be served.
 */
final class Troubles {
  private static final String BACKED_UP = "BackedUp";
  private static final String NOT_YET = "NotYet";

  /** Of the server, while they are true. */
  private static final Set<String> OF_THE_SERVER =
      Set.of(
          Reasons.REVISION_REFUSED,
          Reasons.DISK_LOW,
          Reasons.APPROVALS_WAITING,
          Reasons.DATABASE_REBUILT,
          Reasons.CERTIFICATE_INVALID,
          Reasons.CERTIFICATE_EXPIRING,
          Reasons.CERTIFICATE_MISSING);

  /** Of an object, while they are true. */
  private static final Set<String> OF_AN_OBJECT =
      Set.of(Reasons.STORAGE_FULL, Reasons.STORAGE_READ_ONLY, Reasons.STALLED);

  private static final Set<String> UNDECIDED = Set.of("queued", "open");

  private Troubles() {}

  static List<Trouble> of(InstanceView view) {
    List<Trouble> found = new ArrayList<>();
    InstanceStatus status = view.status();
    for (Condition condition : status.conditions()) {
      if (condition.status() && OF_THE_SERVER.contains(condition.type())) {
        found.add(ofServer(condition, status));
      }
    }
    for (ObjectStatus object : status.objects()) {
      object.conditions().stream()
          .filter(Troubles::isTelling)
          .forEach(condition -> found.add(of(object, condition)));
    }
    view.approvals().stream()
        .filter(request -> UNDECIDED.contains(request.state()))
        .forEach(request -> found.add(of(request)));
    return found;
  }

  /** Another revision that is refused for the same reason is another trouble. */
  private static Trouble ofServer(Condition condition, InstanceStatus status) {
    String seen =
        condition.type().equals(Reasons.REVISION_REFUSED)
            ? status.revision().seen().orElse("")
            : "";
    String first =
        status.problems().stream()
            .findFirst()
            .filter(problem -> !seen.isEmpty())
            .map(
                p -> " First: " + p.file() + ":" + p.line() + ":" + p.column() + ": " + p.message())
            .orElse("");
    return new Trouble(
        "server " + condition.type() + " " + condition.reason() + " " + seen,
        condition.type(),
        condition.message() + first);
  }

  private static boolean isTelling(Condition condition) {
    return condition.type().equals(BACKED_UP)
        ? !condition.status() && !condition.reason().equals(NOT_YET)
        : condition.status() && OF_AN_OBJECT.contains(condition.type());
  }

  private static Trouble of(ObjectStatus object, Condition condition) {
    boolean backup = condition.type().equals(BACKED_UP);
    return new Trouble(
        object.kind() + "/" + object.name() + " " + condition.type() + " " + condition.reason(),
        (backup ? "Backup of " + object.name() + " failed: " : object.name() + ": ")
            + (backup ? condition.reason() : condition.type()),
        condition.message());
  }

  private static Trouble of(ApprovalStatus request) {
    String where =
        request
            .pullRequest()
            .or(() -> request.branch().map(branch -> "branch " + branch))
            .orElse("dropserver approvals show " + request.id());
    String what =
        request.suggested().isEmpty()
            ? String.join(", ", request.methods()) + " " + request.url()
            : request.suggested().size() + " destinations that its app suggests";
    return new Trouble(
        "approval " + request.id(),
        request.appspace() + " asks for approval",
        request.appspace() + " asks to reach " + what + ". Decide: " + where);
  }
}
