package io.dropserver.reconciler.approval;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.egress.Destination;
import io.dropserver.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.reconciler.edit.WhitelistEntry;
import io.dropserver.schema.instance.EndOfGrant;
import io.dropserver.schema.instance.EndingGrants;
import io.dropserver.schema.instance.Instance;
import io.dropserver.state.StateDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * Stores all requests and their states, see {@link ApprovalRequestTable}. Reads are served from
 * memory; the database preserves them across restarts. Limits the number of requests of each
 * appspace. Thread-safe.
 */
public final class ApprovalRequestRegistry {
  private final ApprovalRequestStore store;
  private final Clock clock;

  /**
   * Serializes saves, so that an older state cannot overwrite a newer one. Held during database
   * writes. Must be acquired before {@link #lock}.
   */
  private final ReentrantLock saving = new ReentrantLock();

  /** Guards the table. Never held during I/O. */
  private final ReentrantLock lock = new ReentrantLock();

  private final ApprovalRequestTable table;

  public ApprovalRequestRegistry(StateDatabase database, Clock clock) {
    this.store = new ApprovalRequestStore(database);
    this.clock = Clock.tick(clock, Duration.ofMillis(1)); // the precision of the database
    this.table = new ApprovalRequestTable(store.all());
  }

  /**
   * The result of recording a request.
   *
   * @param news whether a request was added or extended, so that it must be presented
   */
  public record Noted(ApprovalState standing, boolean news) {}

  /**
   * Records that an appspace requested a destination that is neither allowed nor denied. Does not
   * block. Changes become durable with {@link #save}. A repeated request only increments a counter
   * in memory.
   *
   * @param methods at least one
   * @param reason text of the app, of any length and content
   */
  public Noted recordRequest(
      String appspace, Destination destination, Set<String> methods, Optional<String> reason) {
    try (var _ = new HeldLock(lock)) {
      return table.recordRequest(appspace, destination, methods, reason, clock.instant());
    }
  }

  /**
   * Records the destinations that an app's manifest suggests, as one request for all new ones.
   *
   * @param lines entries with methods, no more than a manifest may contain
   * @return whether a request was added or extended, so that it must be presented
   */
  public boolean recordSuggestions(String appspace, List<WhitelistEntry> lines) {
    try (var _ = new HeldLock(lock)) {
      return table.recordSuggestions(appspace, lines, clock.instant());
    }
  }

  /** Saves all changes since the last save. */
  public void save() {
    try (var _ = new HeldLock(saving)) {
      ApprovalRequestTable.Changes changes;
      try (var _ = new HeldLock(lock)) {
        changes = table.takeChanges();
      }
      store.save(changes.updated(), changes.removed());
    }
  }

  /**
   * Applies a revision: marks requests that Git allows or denies as decided, and drops the requests
   * of removed appspaces.
   */
  public void applyRevision(Instance instance) {
    apply(instance, request -> true);
  }

  /** Applies a revision to the requests of one appspace, which it declares. */
  void applyDecisions(String appspace, Instance instance) {
    apply(instance, request -> request.appspace().equals(appspace));
  }

  /**
   * Applies what the time has changed since the last call: closes requests that waited for too long
   * ({@code approvals.expireAfter}), and lets requests be presented again whose grants have ended.
   */
  void applyTime(Instance instance) {
    Instant now = clock.instant();
    try (var _ = new HeldLock(lock)) {
      table.closeUnanswered(now.minus(instance.settings().approvals().expireAfter()));
    }
    if (EndingGrants.of(instance.whitelists().values()).anyMatch(it -> !it.end().isAfter(now))) {
      apply(instance, request -> request.state() == ApprovalRequest.State.GRANTED);
    } else {
      save();
    }
  }

  /** Returns the time until a grant ends. */
  Optional<Duration> untilNextEnd(Instance instance) {
    Instant now = clock.instant();
    return EndingGrants.next(instance.whitelists().values(), now)
        .map(end -> Duration.between(now, end));
  }

  /** Returns the end of a grant that a person limits; see {@link EndOfGrant#fromNow}. */
  Optional<Instant> end(String text) {
    return EndOfGrant.fromNow(text, clock.instant());
  }

  /** Returns the decisions of a revision at this time. */
  GitDecisions decisions(Instance instance) {
    return new GitDecisions(instance, clock.instant());
  }

  private void apply(Instance instance, Predicate<ApprovalRequest> which) {
    GitDecisions gitDecisions = decisions(instance);
    try (var _ = new HeldLock(lock)) {
      for (ApprovalRequest request : table.list().stream().filter(which).toList()) {
        if (instance.appspace(request.appspace()).isEmpty()) {
          table.withdraw(request);
        } else {
          table.applyDecisions(request, gitDecisions);
        }
      }
    }
    save();
  }

  /** Returns all requests, in the order in which they were first made. */
  public List<ApprovalRequest> list() {
    try (var _ = new HeldLock(lock)) {
      return table.list();
    }
  }

  public Optional<ApprovalRequest> find(String id) {
    try (var _ = new HeldLock(lock)) {
      return table.find(id);
    }
  }

  /**
   * Returns how many requests of an appspace were dropped since the server's start, because a limit
   * was reached.
   */
  public long dropped(String appspace) {
    try (var _ = new HeldLock(lock)) {
      return table.dropped(appspace);
    }
  }

  /** Returns why single requests cannot be written, after more than one attempt. */
  Optional<String> failing() {
    List<ApprovalRequest> failing =
        list().stream()
            .filter(request -> request.undecided() || request.location().isPresent())
            .filter(request -> request.failure().filter(why -> why.attempts() > 1).isPresent())
            .toList();
    return failing.stream()
        .findFirst()
        .map(
            first ->
                "request %s of %s cannot be written to Git: %s%s"
                    .formatted(
                        first.id(),
                        first.appspace(),
                        first.failure().orElseThrow().message(),
                        failing.size() == 1
                            ? ""
                            : "; %d more fail, see `dropserver approvals list`"
                                .formatted(failing.size() - 1)));
  }

  /** Queues a request for presentation again. Does nothing if the request no longer exists. */
  void requeue(String id) {
    update(id, request -> request.queued(clock.instant()));
  }

  /**
   * Queues a request whose pull request was reopened. Does nothing if the request no longer exists.
   */
  void reopen(String id) {
    update(id, request -> request.reopened(clock.instant()));
  }

  /** Changes a request durably. Does nothing if the request no longer exists. */
  void update(String id, UnaryOperator<ApprovalRequest> change) {
    try (var _ = new HeldLock(lock)) {
      table.find(id).map(change).ifPresent(table::put);
    }
    save();
  }
}
