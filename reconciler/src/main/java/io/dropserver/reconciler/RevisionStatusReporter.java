package io.dropserver.reconciler;

import io.dropserver.control.StatusProblem;
import io.dropserver.reconciler.plan.ObjectKey;
import io.dropserver.reconciler.status.Revisions.Refusal;
import io.dropserver.reconciler.status.StatusRecords;
import io.dropserver.schema.instance.Kind;
import io.dropserver.schema.instance.Problem;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.InstanceReason;
import io.dropserver.state.condition.Reason;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Publishes the results of a reconcile cycle: as server conditions while they apply, and as one
 * event when they begin.
 */
final class RevisionStatusReporter {
  private static final Logger LOG = LoggerFactory.getLogger(RevisionStatusReporter.class);

  private final StatusRecords records;

  /** Name of the Instance document; empty before the first revision. */
  private volatile String instance = "";

  RevisionStatusReporter(StatusRecords records) {
    this.records = records;
  }

  void setInstanceName(String instanceName) {
    instance = instanceName;
  }

  /** Clears {@code SourceFailing}. */
  void sourceReadable() {
    records.server().clear(ConditionType.SOURCE_FAILING);
  }

  /**
   * Sets {@code SourceFailing}. Only the first of several consecutive reports adds an event.
   *
   * @param revision the revision in service
   */
  void sourceUnreadable(InstanceReason reason, String message, String revision) {
    boolean news = records.server().find(ConditionType.SOURCE_FAILING).isEmpty();
    records.server().set(ConditionType.SOURCE_FAILING, reason, message, revision);
    if (news) {
      report(reason, message, true);
    }
  }

  /**
   * Clears {@code RevisionRefused}, because the remote has another head now or an operator accepted
   * the refused one.
   */
  void clearRefusal() {
    records.server().clear(ConditionType.REVISION_REFUSED);
  }

  /**
   * Sets {@code RevisionRefused}. Repeated reports of the same refusal add no event.
   *
   * @param id the refused revision; empty if the remote has no head
   */
  void reportRefusal(String id, InstanceReason reason, String message, List<Problem> problems) {
    Refusal refusal =
        new Refusal(id, reason.text(), message, problems.stream().map(StatusProblem::of).toList());
    boolean known = records.revisions().refused().equals(Optional.of(refusal));
    boolean reported = records.server().find(ConditionType.REVISION_REFUSED).isPresent();
    if (!id.isEmpty()) {
      records.revisions().refused(refusal);
    }
    records.server().set(ConditionType.REVISION_REFUSED, reason, message, id);
    if (id.isEmpty() ? !reported : !known) {
      report(reason, message, true);
    }
  }

  void report(Reason reason, String message, boolean warning) {
    ObjectKey key = new ObjectKey(Kind.INSTANCE, instance);
    records.events().add(records.events().event(key, reason, message, warning));
    LOG.atLevel(warning ? Level.WARN : Level.INFO).log("{}: {}", reason.text(), message);
  }
}
