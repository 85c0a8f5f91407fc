package io.dropserver.reconciler.status;

import static io.dropserver.state.tables.Tables.REVISION;

import io.dropserver.control.RevisionStatus;
import io.dropserver.control.StatusProblem;
import io.dropserver.state.StateDatabase;
import io.dropserver.state.tables.tables.records.RevisionRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jooq.impl.DSL;

/**
 * Records the revisions that were seen, served and refused. Recording the same revision again
 * writes nothing. Thread-safe.
 */
public final class Revisions {
  private static final int KEPT = 200;
  private static final String NO_PROBLEMS = "[]";

  private final StateDatabase database;
  private final Clock clock;

  /** The current revisions. The value is immutable and is replaced as a whole. */
  private volatile Current current;

  /**
   * @param refused why the newest seen revision is not served; empty if it is not refused
   */
  private record Current(RevisionStatus revision, Optional<Refusal> refused) {}

  /** The reason for which a revision is not served. */
  public record Refusal(
      String revision, String reason, String message, List<StatusProblem> problems) {}

  public Revisions(StateDatabase database, Clock clock) {
    this.database = database;
    this.clock = clock;
    this.current = read();
  }

  /** Returns the served and the newest seen revision. */
  public RevisionStatus revision() {
    return current.revision();
  }

  /** Returns the refusal of the newest seen revision; empty if it is not refused. */
  public Optional<Refusal> refused() {
    return current.refused();
  }

  public void served(String id) {
    Current inService = current;
    if (inService.revision().served().equals(Optional.of(id))
        && inService.revision().seen().equals(Optional.of(id))
        && inService.refused().isEmpty()) {
      return;
    }
    long time = nextTime();
    write(
        id,
        row -> {
          row.setServedAt(time);
          row.setSeenAt(time);
          row.set(REVISION.REFUSED_AT, null);
          row.set(REVISION.REASON, null);
          row.set(REVISION.MESSAGE, null);
          row.set(REVISION.PROBLEMS, null);
        });
  }

  public void refused(Refusal refusal) {
    if (current.refused().equals(Optional.of(refusal))) {
      return;
    }
    long time = nextTime();
    write(
        refusal.revision(),
        row -> {
          row.setSeenAt(time);
          row.setRefusedAt(time);
          row.setReason(refusal.reason());
          row.setMessage(refusal.message());
          row.setProblems(StateJson.write(refusal.problems()));
        });
  }

  /**
   * Returns a time later than all recorded ones, even if the clock was set back, because the row
   * with the latest time is the current one.
   */
  private long nextTime() {
    RevisionStatus last = current.revision();
    long latest =
        Math.max(
            last.servedAt().map(Instant::toEpochMilli).orElse(0L),
            last.seenAt().map(Instant::toEpochMilli).orElse(0L));
    return Math.max(clock.millis(), latest + 1);
  }

  private void write(String id, Consumer<RevisionRecord> change) {
    database.write(
        on -> {
          RevisionRecord row = new RevisionRecord();
          row.setId(id);
          change.accept(row);
          on.insertInto(REVISION).set(row).onDuplicateKeyUpdate().set(row).execute();
          on.deleteFrom(REVISION)
              .where(
                  REVISION.SEEN_AT.lt(
                      DSL.select(REVISION.SEEN_AT)
                          .from(REVISION)
                          .orderBy(REVISION.SEEN_AT.desc())
                          .limit(1)
                          .offset(KEPT)))
              .execute();
        });
    current = read();
  }

  private Current read() {
    return database.read(
        on -> {
          Optional<RevisionRecord> served =
              on.selectFrom(REVISION)
                  .where(REVISION.SERVED_AT.isNotNull())
                  .orderBy(REVISION.SERVED_AT.desc())
                  .limit(1)
                  .fetchOptional();
          Optional<RevisionRecord> seen =
              on.selectFrom(REVISION).orderBy(REVISION.SEEN_AT.desc()).limit(1).fetchOptional();
          return new Current(
              new RevisionStatus(
                  served.map(RevisionRecord::getId),
                  served.map(RevisionRecord::getServedAt).map(Instant::ofEpochMilli),
                  seen.map(RevisionRecord::getId),
                  seen.map(RevisionRecord::getSeenAt).map(Instant::ofEpochMilli)),
              seen.filter(row -> row.getRefusedAt() != null).map(Revisions::refusal));
        });
  }

  private static Refusal refusal(RevisionRecord row) {
    return new Refusal(
        row.getId(),
        Optional.ofNullable(row.getReason()).orElse(""),
        Optional.ofNullable(row.getMessage()).orElse(""),
        StateJson.problems(Optional.ofNullable(row.getProblems()).orElse(NO_PROBLEMS)));
  }
}
