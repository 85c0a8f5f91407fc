package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.UrlPattern;
import io.dropserver.sandbox.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.sandbox.egress.gateway.EgressApprovals.Denied;
import io.dropserver.sandbox.egress.gateway.EgressApprovals.PartlyApproved;
import io.dropserver.sandbox.egress.gateway.EgressApprovals.PendingApproval;
import io.dropserver.sandbox.egress.gateway.EgressApprovals.QueueFull;
import io.dropserver.schema.edit.WhitelistEntry;
import io.dropserver.schema.instance.Instance;
import io.dropserver.schema.state.StateDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Stores all requests and their states. Reads are served from memory; the database preserves them
 * across restarts. Limits the number of requests of each appspace. Thread-safe.
 */
public final class ApprovalRequestRegistry {
  /**
   * Maximum number of new requests of an appspace in a day. Further ones are counted but not
   * recorded.
   */
  static final int NEW_PER_DAY = 50;

  /** Maximum number of undecided requests of an appspace. */
  static final int MOST_UNDECIDED = 100;

  private final ApprovalRequestStore store;
  private final Clock clock;

  /**
   * Serializes saves, so that an older state cannot overwrite a newer one. Held during database
   * writes. Must be acquired before {@link #lock}.
   */
  private final ReentrantLock saving = new ReentrantLock();

  /** Guards the fields below. Never held during I/O. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<String, ApprovalRequest> requests = new LinkedHashMap<>();
  private final Set<String> unsaved = new LinkedHashSet<>();
  private final Map<String, Long> droppedCounts = new HashMap<>();

  public ApprovalRequestRegistry(StateDatabase database, Clock clock) {
    this.store = new ApprovalRequestStore(database);
    this.clock = clock;
    store.all().forEach(request -> requests.put(request.id(), request));
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
    String id = RequestId.of(appspace, destination.origin());
    Instant now = Instant.ofEpochMilli(clock.millis());
    lock.lock();
    try {
      ApprovalRequest known = requests.get(id);
      if (known == null) {
        return recordNew(id, appspace, destination, methods, reason, now);
      }
      return updateRepeated(known, repeated(known, methods, reason, now));
    } finally {
      lock.unlock();
    }
  }

  private Noted updateRepeated(ApprovalRequest known, ApprovalRequest updated) {
    boolean news = updated.state() != known.state() || !updated.methods().equals(known.methods());
    requests.put(updated.id(), updated);
    if (news) {
      unsaved.add(updated.id());
    }
    return new Noted(standing(updated), news);
  }

  /**
   * Returns the suggestion that covers a destination, if the app's manifest suggests it. In that
   * case, no separate request is recorded.
   */
  private Optional<ApprovalRequest> suggestionOf(
      String appspace, Destination destination, Set<String> methods) {
    return requests.values().stream()
        .filter(request -> request.appspace().equals(appspace))
        .filter(
            request ->
                request.suggested().stream()
                    .anyMatch(
                        line ->
                            line.methods().containsAll(methods)
                                && covers(UrlPattern.parse(line.url()), destination)))
        .findFirst();
  }

  private static boolean covers(UrlPattern pattern, Destination destination) {
    return pattern.scheme() == destination.scheme()
        && pattern.couldMatch(destination.host(), destination.port());
  }

  /**
   * Records the destinations that an app's manifest suggests, as one request for all new ones.
   *
   * @param lines entries with methods, no more than a manifest may contain
   * @return whether a request was added or extended, so that it must be presented
   */
  public boolean recordSuggestions(String appspace, List<WhitelistEntry> lines) {
    lock.lock();
    try {
      List<WhitelistEntry> fresh = lines.stream().filter(it -> !isKnown(appspace, it)).toList();
      if (fresh.isEmpty()) {
        return false;
      }
      SortedSet<String> methods = new TreeSet<>();
      fresh.forEach(line -> methods.addAll(line.methods()));
      Instant now = Instant.ofEpochMilli(clock.millis());
      String id =
          RequestId.of(
              appspace, "suggested " + fresh.stream().map(it -> it.url() + it.methods()).toList());
      requests.put(
          id,
          new ApprovalRequest(
              id,
              appspace,
              fresh.getFirst().url(),
              Collections.unmodifiableSortedSet(methods),
              Collections.emptySortedSet(),
              Optional.empty(),
              State.QUEUED,
              now,
              now,
              1,
              Optional.empty(),
              Optional.empty(),
              fresh));
      unsaved.add(id);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private boolean isKnown(String appspace, WhitelistEntry line) {
    UrlPattern pattern = UrlPattern.parse(line.url());
    return requests.values().stream()
        .filter(request -> request.appspace().equals(appspace))
        .filter(request -> request.methods().containsAll(line.methods()))
        .anyMatch(
            request ->
                request.isSuggestion()
                    ? request.suggested().stream()
                        .anyMatch(
                            it ->
                                it.url().equals(line.url())
                                    && it.methods().containsAll(line.methods()))
                    : !pattern.subdomains() && covers(pattern, Destination.parse(request.url())));
  }

  private static ApprovalState standing(ApprovalRequest request) {
    return switch (request.state()) {
      case QUEUED, OPEN, LAPSED -> new PendingApproval(request.id());
      case GRANTED -> new PartlyApproved(request.id());
      case DENIED -> new Denied(request.id());
    };
  }

  private Noted recordNew(
      String id,
      String appspace,
      Destination destination,
      Set<String> methods,
      Optional<String> reason,
      Instant now) {
    Optional<ApprovalRequest> suggestion = suggestionOf(appspace, destination, methods);
    if (suggestion.isPresent()) {
      return updateRepeated(suggestion.get(), repeated(suggestion.get(), Set.of(), reason, now));
    }
    if (isFlooding(appspace, now)) {
      droppedCounts.merge(appspace, 1L, Long::sum);
      return new Noted(new QueueFull(), false);
    }
    SortedSet<String> none = Collections.emptySortedSet();
    requests.put(
        id,
        new ApprovalRequest(
            id,
            appspace,
            origin(destination),
            Collections.unmodifiableSortedSet(new TreeSet<>(methods)),
            none,
            reason.flatMap(SanitizedText::of),
            State.QUEUED,
            now,
            now,
            1,
            Optional.empty(),
            Optional.empty(),
            List.of()));
    unsaved.add(id);
    return new Noted(new PendingApproval(id), true);
  }

  private static ApprovalRequest repeated(
      ApprovalRequest known, Set<String> methods, Optional<String> reason, Instant now) {
    boolean newMethod = !known.methods().containsAll(methods);
    SortedSet<String> all = known.methods();
    if (newMethod) {
      all = new TreeSet<>(known.methods());
      all.addAll(methods);
      all = Collections.unmodifiableSortedSet(all);
    }
    Optional<String> said =
        known.reason().isPresent() ? known.reason() : reason.flatMap(SanitizedText::of);
    ApprovalRequest updated = known.requestedAgain(all, said, now);
    return switch (known.state()) {
      case QUEUED, DENIED -> updated;
      case OPEN -> newMethod ? updated.outdated() : updated;
      case GRANTED -> newMethod ? updated.queued() : updated;
      case LAPSED -> updated.queued();
    };
  }

  private boolean isFlooding(String appspace, Instant now) {
    Instant dayBefore = now.minus(Duration.ofDays(1));
    int fresh = 0;
    int undecided = 0;
    for (ApprovalRequest request : requests.values()) {
      if (request.appspace().equals(appspace)) {
        fresh += request.firstAsked().isAfter(dayBefore) ? 1 : 0;
        undecided += request.undecided() ? 1 : 0;
      }
    }
    return fresh >= NEW_PER_DAY || undecided >= MOST_UNDECIDED;
  }

  /** Returns the destination's origin, without the port if it is the scheme's default. */
  private static String origin(Destination destination) {
    return destination.scheme().text() + "://" + destination.hostHeader() + "/";
  }

  /** Saves all changes since the last save. */
  public void save() {
    saving.lock();
    try {
      List<ApprovalRequest> changed;
      Set<String> removed = new LinkedHashSet<>();
      lock.lock();
      try {
        changed = unsaved.stream().map(requests::get).filter(java.util.Objects::nonNull).toList();
        unsaved.stream().filter(id -> !requests.containsKey(id)).forEach(removed::add);
        unsaved.clear();
      } finally {
        lock.unlock();
      }
      store.save(changed, removed);
    } finally {
      saving.unlock();
    }
  }

  /**
   * Applies a revision: marks requests that Git allows or denies as decided, and drops the requests
   * of removed appspaces.
   */
  public void applyRevision(Instance instance) {
    GitDecisions gitDecisions = new GitDecisions(instance);
    lock.lock();
    try {
      for (ApprovalRequest request : List.copyOf(requests.values())) {
        if (instance.appspace(request.appspace()).isEmpty()) {
          withdraw(request);
          continue;
        }
        applyDecisions(request, gitDecisions);
      }
    } finally {
      lock.unlock();
    }
    save();
  }

  /** Applies a revision to the requests of one appspace. */
  void applyDecisions(String appspace, Instance instance) {
    GitDecisions gitDecisions = new GitDecisions(instance);
    lock.lock();
    try {
      for (ApprovalRequest request : List.copyOf(requests.values())) {
        if (request.appspace().equals(appspace)) {
          applyDecisions(request, gitDecisions);
        }
      }
    } finally {
      lock.unlock();
    }
    save();
  }

  /** Applies the decisions of a revision to a request. The caller holds the lock. */
  private void applyDecisions(ApprovalRequest request, GitDecisions gitDecisions) {
    ApprovalRequest after = gitDecisions.apply(request);
    if (!after.equals(request)) {
      requests.put(request.id(), after);
      unsaved.add(request.id());
    }
  }

  /**
   * Drops the request of a removed appspace. A request with its own branch is kept until that
   * branch is deleted.
   */
  private void withdraw(ApprovalRequest request) {
    boolean written =
        request.location().filter(w -> w.branch().startsWith(CommitWriter.PREFIX)).isPresent();
    if (written) {
      requests.put(request.id(), request.withdrawn());
    } else {
      requests.remove(request.id());
    }
    unsaved.add(request.id());
  }

  /** Returns all requests, in the order in which they were first made. */
  public List<ApprovalRequest> list() {
    lock.lock();
    try {
      return List.copyOf(requests.values());
    } finally {
      lock.unlock();
    }
  }

  public Optional<ApprovalRequest> find(String id) {
    lock.lock();
    try {
      return Optional.ofNullable(requests.get(id));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Returns how many requests of an appspace were dropped since the server's start, because a limit
   * was reached.
   */
  public long dropped(String appspace) {
    lock.lock();
    try {
      return droppedCounts.getOrDefault(appspace, 0L);
    } finally {
      lock.unlock();
    }
  }

  /** Changes a request durably. Does nothing if the request no longer exists. */
  void update(String id, UnaryOperator<ApprovalRequest> change) {
    lock.lock();
    try {
      ApprovalRequest request = requests.get(id);
      if (request == null) {
        return;
      }
      requests.put(id, change.apply(request));
      unsaved.add(id);
    } finally {
      lock.unlock();
    }
    save();
  }
}
