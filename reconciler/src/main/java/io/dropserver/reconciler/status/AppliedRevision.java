package io.dropserver.reconciler.status;

import io.dropserver.base.text.ShortText;
import io.dropserver.control.RevisionChanges;
import io.dropserver.control.RevisionChanges.RevisionChange;
import io.dropserver.reconciler.plan.ObjectChange;
import io.dropserver.reconciler.plan.Plan;
import io.dropserver.state.StateDatabase;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The newest revision that changed an object, and its changes. Reads are served from memory; the
 * database preserves the record across restarts. Thread-safe.
 */
public final class AppliedRevision {
  private static final String KEY = "applied";
  private static final int MOST_CHANGES = 50;
  private static final int MOST_FIELDS = 10;
  private static final int LONGEST = 200;

  private final Settings settings;
  private final Clock clock;
  private volatile Optional<RevisionChanges> last;

  public AppliedRevision(StateDatabase database, Clock clock) {
    this.settings = new Settings(database);
    this.clock = clock;
    this.last = settings.find(KEY).map(StateJson::applied);
  }

  public Optional<RevisionChanges> last() {
    return last;
  }

  /**
   * @param plan not empty
   */
  public void applied(String revision, Plan plan) {
    RevisionChanges applied =
        new RevisionChanges(
            revision,
            Instant.ofEpochMilli(clock.millis()),
            plan.summary(),
            plan.changes().stream().limit(MOST_CHANGES).map(AppliedRevision::shown).toList(),
            Math.max(0, plan.changes().size() - MOST_CHANGES));
    settings.put(KEY, StateJson.write(applied));
    last = Optional.of(applied);
  }

  private static RevisionChange shown(ObjectChange objectChange) {
    return new RevisionChange(
        objectChange.action().text(),
        objectChange.key().kind().text(),
        objectChange.key().name(),
        objectChange.action() == ObjectChange.Action.CREATE
            ? List.of()
            : Plan.descriptions(objectChange).stream()
                .limit(MOST_FIELDS)
                .map(text -> ShortText.of(text, LONGEST))
                .toList());
  }
}
