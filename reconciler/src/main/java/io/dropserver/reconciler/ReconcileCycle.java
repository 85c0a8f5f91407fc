package io.dropserver.reconciler;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.control.ControlException;
import io.dropserver.reconciler.converge.AppVersions;
import io.dropserver.reconciler.converge.Converger;
import io.dropserver.reconciler.converge.DeclaredObjects;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.reconciler.plan.Planner;
import io.dropserver.reconciler.source.ConfigSource;
import io.dropserver.reconciler.source.ConfigSource.Snapshot;
import io.dropserver.reconciler.source.PollResult;
import io.dropserver.reconciler.source.Revision;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.status.Revisions.Refusal;
import io.dropserver.reconciler.status.StatusRecords;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.read.InstanceReader;
import io.dropserver.schema.read.ReadOptions;
import io.dropserver.schema.read.ReadResult;
import io.dropserver.state.condition.ConditionType;
import io.dropserver.state.condition.EventReason;
import io.dropserver.state.condition.InstanceReason;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One cycle of the reconcile loop, as an ordered list of steps: observe and fetch, verify, read,
 * judge, plan, converge. If a step before planning fails, the last good revision stays in service.
 *
 * <p>{@link ReconcileLoop} runs one cycle at a time. All other methods are thread-safe.
 */
public final class ReconcileCycle {
  private static final Logger LOG = LoggerFactory.getLogger(ReconcileCycle.class);

  private final ConfigSource source;
  private final RevisionReader reader;
  private final DeclaredObjects declared;
  private final StatusRecords records;
  private final Function<Instance, List<Problem>> secrets;
  private final RevisionConverger revisionConverger;
  private final RevisionStatusReporter statusReporter;

  /**
   * A lock that is held while a revision is put into service and while reconciling is suspended, so
   * that {@link #suspend} cannot return in the middle of a cycle's decision.
   */
  private final ReentrantLock decisionLock = new ReentrantLock();

  /**
   * @param ahead returns an earlier result of reading this repository, see {@link RevisionReader}
   * @param secrets decrypts the secrets of a revision and returns the problems
   * @param served receives each instance that was put into service
   */
  public ReconcileCycle(
      ConfigSource source,
      InstanceReader reader,
      ReadOptions options,
      Supplier<Optional<ReadResult>> ahead,
      AppVersions versions,
      Planner planner,
      Converger converger,
      DeclaredObjects declared,
      StatusRecords records,
      Function<Instance, List<Problem>> secrets,
      Consumer<Instance> served,
      java.time.Clock clock) {
    this.source = source;
    this.reader = new RevisionReader(reader, options, ahead);
    this.declared = declared;
    this.records = records;
    this.secrets = secrets;
    this.statusReporter = new RevisionStatusReporter(records);
    this.revisionConverger =
        new RevisionConverger(
            source, this.reader, versions, planner, converger, records.states(), served, clock);
  }

  boolean isSuspended() {
    return records.server().isSuspended();
  }

  /**
   * Suspends reconciling. After this method returns, no running cycle puts a revision into service.
   */
  void suspend() {
    try (var _ = new HeldLock(decisionLock)) {
      records
          .server()
          .set(
              ConditionType.SUSPENDED,
              InstanceReason.BY_OPERATOR,
              "following the remote is suspended; run `dropserver resume`",
              declared.revision());
    }
  }

  Duration interval() {
    return revisionConverger
        .settings()
        .map(s -> s.reconcile().interval())
        .orElse(Duration.ofSeconds(30));
  }

  /** Puts the last good revision into service without contacting the remote. */
  CompletableFuture<Void> resume() {
    try {
      Optional<Snapshot> last = recordedServed().flatMap(source::find);
      if (last.isPresent()) {
        ReadResult reading = reader.read(last.get());
        if (reading.instance().isPresent()) {
          converge(last.get().revision().id(), reading.instance().get());
        } else {
          statusReporter.reportRefusal(
              last.get().revision().id(),
              InstanceReason.REVISION_INVALID,
              "the last good revision is not valid for this version of Dropserver: "
                  + summary(reading.problems()),
              reading.problems());
        }
      }
    } catch (SourceException e) {
      statusReporter.sourceUnreadable(
          InstanceReason.SOURCE_FAILED,
          e.getMessage() + "; fetching it again",
          declared.revision());
    }
    return revisionConverger.converging();
  }

  /**
   * Returns the ID of the served revision. The state database is authoritative. The source's copy
   * is used only if the database was lost. If the server was killed between the two writes, this
   * method updates the copy.
   */
  private Optional<String> recordedServed() {
    Optional<String> copy = source.servedCopy();
    if (records.revisions().revision().served().isEmpty()) {
      copy.ifPresent(records.revisions()::served);
    }
    Optional<String> served = records.revisions().revision().served();
    if (!served.equals(copy)) {
      served.flatMap(source::find).ifPresent(last -> source.markServed(last.revision().id()));
    }
    return served;
  }

  /** Runs one cycle. */
  CycleResult reconcile() {
    boolean allowRewrite =
        revisionConverger.settings().map(s -> s.reconcile().allowRewrite()).orElse(false);
    return switch (source.poll(records.revisions().revision().served(), allowRewrite)) {
      // Sets SourceFailing: SourceUnreachable, AuthenticationFailed, HostKeyRefused.
      case PollResult.Unreachable lost -> {
        String message = lost.message() + "; " + lost.remedy();
        statusReporter.sourceUnreadable(lost.reason(), message, declared.revision());
        yield outcome(Optional.empty(), false, message, true, lost.retryAfter());
      }
      // Sets RevisionRefused: SourceRewritten, BranchMissing, SourceEmpty, SignatureInvalid,
      // SourceInvalid.
      case PollResult.Refused refused -> {
        statusReporter.sourceReadable();
        String message = refused.message() + "; " + refused.remedy();
        yield refuse(refused.seen(), refused.reason(), message, List.of());
      }
      // Clears SourceFailing, and RevisionRefused when the remote returned to the served revision.
      case PollResult.Unchanged(String head) -> {
        statusReporter.sourceReadable();
        yield unchanged(head);
      }
      case PollResult.Moved(var revision, var tree) -> {
        statusReporter.sourceReadable();
        yield moved(new Snapshot(revision, tree));
      }
    };
  }

  void accept(String sha) {
    try {
      source.accept(sha);
    } catch (SourceException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Records an unexpected exception of a cycle and returns its message. Does not fail itself if the
   * state cannot be written.
   */
  String reportFailure(RuntimeException e) {
    String message = e.getMessage() == null ? e.toString() : e.getMessage();
    try {
      statusReporter.sourceUnreadable(InstanceReason.SOURCE_FAILED, message, declared.revision());
    } catch (RuntimeException alsoBroken) {
      LOG.error("the failure cannot be recorded", alsoBroken);
    }
    return message;
  }

  /** Returns one sentence about the current state. */
  String describe(String message) {
    List<String> broken =
        records.states().notReady().stream().map(state -> state.key().toString()).toList();
    return broken.isEmpty()
        ? message
        : message
            + "; not ready: "
            + String.join(", ", broken.subList(0, Math.min(5, broken.size())))
            + (broken.size() > 5 ? " and " + (broken.size() - 5) + " more" : "");
  }

  private CycleResult unchanged(String head) {
    Optional<String> served = records.revisions().revision().served();
    Optional<Refusal> refused = records.revisions().refused();
    if (served.equals(Optional.of(head)) && declared.revision().equals(head)) {
      records.revisions().served(head);
      statusReporter.clearRefusal();
      return outcome(
          Optional.of(head),
          true,
          "serving " + new Revision(head).shortId(),
          false,
          Optional.empty());
    }
    // An unusable secret is a matter of this machine, which may have been corrected since.
    boolean decided =
        refused
            .filter(refusal -> !refusal.reason().equals(InstanceReason.SECRETS_UNUSABLE.text()))
            .map(Refusal::revision)
            .equals(Optional.of(head));
    if (decided && !source.isAccepted(head)) {
      String why = refused.map(Refusal::message).orElse("");
      return outcome(Optional.of(head), false, why, false, Optional.empty());
    }
    // The head was fetched earlier but no decision was recorded, or an operator has accepted it
    // since.
    return moved(source.snapshot(head));
  }

  private CycleResult moved(Snapshot snapshot) {
    String id = snapshot.revision().id();
    // Read. Sets RevisionRefused: RevisionInvalid.
    ReadResult reading = reader.read(snapshot);
    if (reading.instance().isEmpty()) {
      List<Problem> problems = reading.problems();
      return refuse(Optional.of(id), InstanceReason.REVISION_INVALID, summary(problems), problems);
    }
    // Judge. Sets RevisionRefused: SourceEmpty.
    Instance instance = reading.instance().get();
    Optional<String> emptied =
        source.isAccepted(id)
            ? Optional.empty()
            : new EmptiedRevision(records.states()).message(snapshot, instance);
    if (emptied.isPresent()) {
      return refuse(Optional.of(id), InstanceReason.SOURCE_EMPTY, emptied.get(), List.of());
    }
    // Decrypt. Sets RevisionRefused: SecretsUnusable.
    List<Problem> unusable = secrets.apply(instance);
    if (!unusable.isEmpty()) {
      return refuse(Optional.of(id), InstanceReason.SECRETS_UNUSABLE, summary(unusable), unusable);
    }
    try (var _ = new HeldLock(decisionLock)) {
      return isSuspended() ? suspendedResult(id) : serve(snapshot, instance);
    }
  }

  /**
   * Returns the result for a cycle during which reconciling was suspended. The next cycle after
   * {@code resume} decides on the revision.
   */
  private CycleResult suspendedResult(String id) {
    String message =
        "reconciling was suspended before %s was put into service; run `dropserver resume` to continue"
            .formatted(new Revision(id).shortId());
    return outcome(Optional.of(id), false, message, false, Optional.empty());
  }

  private CycleResult serve(Snapshot snapshot, Instance instance) {
    String id = snapshot.revision().id();
    // Record the decision durably before changing anything, so that a restart continues with this
    // revision.
    Optional<String> before = records.revisions().revision().served();
    records.revisions().served(id);
    source.markServed(id);
    statusReporter.clearRefusal();
    // Plan and converge. Sets the objects' own conditions.
    statusReporter.setInstanceName(instance.settings().name());
    Plan plan = revisionConverger.converge(id, instance, before);
    if (!plan.isEmpty()) {
      records.applied().applied(id, plan);
      statusReporter.report(
          EventReason.APPLIED, snapshot.revision().shortId() + ": " + plan.summary(), false);
    }
    return outcome(
        Optional.of(id), true, "serving " + new Revision(id).shortId(), false, Optional.empty());
  }

  private void converge(String id, Instance instance) {
    statusReporter.setInstanceName(instance.settings().name());
    Plan plan = revisionConverger.converge(id, instance, Optional.of(id));
    LOG.info("resuming {} ({})", new Revision(id).shortId(), plan.summary());
    records.revisions().served(id);
  }

  private static String summary(List<Problem> problems) {
    String first = problems.getFirst().toString();
    return problems.size() == 1 ? first : first + " (and " + (problems.size() - 1) + " more)";
  }

  private CycleResult refuse(
      Optional<String> id, InstanceReason reason, String message, List<Problem> problems) {
    statusReporter.reportRefusal(id.orElse(""), reason, message, problems);
    return outcome(id, false, message, false, Optional.empty());
  }

  private CycleResult outcome(
      Optional<String> revision,
      boolean served,
      String message,
      boolean failed,
      Optional<Duration> retryAfter) {
    return new CycleResult(
        revision, served, message, revisionConverger.converging(), failed, retryAfter);
  }
}
