package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.approval.ApprovalRequest.State;
import io.dropserver.sandbox.egress.Destination;
import io.dropserver.sandbox.egress.UrlPattern;
import io.dropserver.sandbox.egress.gateway.ApprovalRequests.Crowded;
import io.dropserver.sandbox.egress.gateway.ApprovalRequests.Denied;
import io.dropserver.sandbox.egress.gateway.ApprovalRequests.Narrowed;
import io.dropserver.sandbox.egress.gateway.ApprovalRequests.Standing;
import io.dropserver.sandbox.egress.gateway.ApprovalRequests.Waiting;
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
 * Every request and what became of it: in memory for the apps that ask, in the database for the
 * next start. What an app can make it hold is bounded. Thread-safe.
 */
public final class RequestBook {
  /** Of one appspace within a day; more are counted only. */
  static final int NEW_PER_DAY = 50;

  /** Of one appspace, undecided. */
  static final int MOST_UNDECIDED = 100;

  private final RequestStore store;
  private final Clock clock;

  /** Makes what is saved the newest; held while the database writes, taken before the lock. */
  private final ReentrantLock saving = new ReentrantLock();

  /** Guards all below; never held while anything is waited for. */
  private final ReentrantLock lock = new ReentrantLock();

  private final Map<String, ApprovalRequest> requests = new LinkedHashMap<>();
  private final Set<String> unsaved = new LinkedHashSet<>();
  private final Map<String, Long> uncounted = new HashMap<>();

  public RequestBook(StateDatabase database, Clock clock) {
    this.store = new RequestStore(database);
    this.clock = clock;
    store.all().forEach(request -> requests.put(request.id(), request));
  }

  /**
   * What became of an ask.
   *
   * @param news whether there is something new for people to see
   */
  public record Noted(Standing standing, boolean news) {}

  /**
   * An appspace asked for what is neither allowed nor denied. Returns at once; what it changed is
   * durable after {@link #save}. Asking the same again changes a counter in memory.
   *
   * @param methods at least one
   * @param reason an app's words, of any length and content
   */
  public Noted asked(
      String appspace, Destination destination, Set<String> methods, Optional<String> reason) {
    String id = RequestId.of(appspace, destination.origin());
    Instant now = Instant.ofEpochMilli(clock.millis());
    lock.lock();
    try {
      ApprovalRequest known = requests.get(id);
      if (known == null) {
        return begin(id, appspace, destination, methods, reason, now);
      }
      return noted(known, again(known, methods, reason, now));
    } finally {
      lock.unlock();
    }
  }

  private Noted noted(ApprovalRequest known, ApprovalRequest asked) {
    boolean news = asked.state() != known.state() || !asked.methods().equals(known.methods());
    requests.put(asked.id(), asked);
    if (news) {
      unsaved.add(asked.id());
    }
    return new Noted(standing(asked), news);
  }

  /** Where an app asks for what its manifest suggests, the suggestion is the request. */
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
   * What an app's manifest suggests: one request for all of it that was not asked for before.
   *
   * @param lines with methods, at most as many as a manifest has
   * @return whether there is something new for people to see
   */
  public boolean suggested(String appspace, List<WhitelistEntry> lines) {
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
                    : !pattern.below() && covers(pattern, Destination.parse(request.url())));
  }

  private static Standing standing(ApprovalRequest request) {
    return switch (request.state()) {
      case QUEUED, OPEN, LAPSED -> new Waiting(request.id());
      case GRANTED -> new Narrowed(request.id());
      case DENIED -> new Denied(request.id());
    };
  }

  private Noted begin(
      String id,
      String appspace,
      Destination destination,
      Set<String> methods,
      Optional<String> reason,
      Instant now) {
    Optional<ApprovalRequest> suggestion = suggestionOf(appspace, destination, methods);
    if (suggestion.isPresent()) {
      return noted(suggestion.get(), again(suggestion.get(), Set.of(), reason, now));
    }
    if (isFlooding(appspace, now)) {
      uncounted.merge(appspace, 1L, Long::sum);
      return new Noted(new Crowded(), false);
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
            reason.flatMap(InertText::of),
            State.QUEUED,
            now,
            now,
            1,
            Optional.empty(),
            Optional.empty(),
            List.of()));
    unsaved.add(id);
    return new Noted(new Waiting(id), true);
  }

  private static ApprovalRequest again(
      ApprovalRequest known, Set<String> methods, Optional<String> reason, Instant now) {
    boolean newMethod = !known.methods().containsAll(methods);
    SortedSet<String> all = known.methods();
    if (newMethod) {
      all = new TreeSet<>(known.methods());
      all.addAll(methods);
      all = Collections.unmodifiableSortedSet(all);
    }
    Optional<String> said =
        known.reason().isPresent() ? known.reason() : reason.flatMap(InertText::of);
    ApprovalRequest asked = known.asked(all, said, now);
    return switch (known.state()) {
      case QUEUED, DENIED -> asked;
      case OPEN -> newMethod ? asked.outdated() : asked;
      case GRANTED -> newMethod ? asked.queued() : asked;
      case LAPSED -> asked.queued();
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

  /** Without a port where it is the scheme's own. */
  private static String origin(Destination destination) {
    return destination.scheme().text() + "://" + destination.hostHeader() + "/";
  }

  /** Writes down what has changed since the last time. */
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

  /** What Git says now: what it allows or denies is decided, and who left has no requests. */
  public void observe(Instance instance) {
    Decisions decisions = new Decisions(instance);
    lock.lock();
    try {
      for (ApprovalRequest request : List.copyOf(requests.values())) {
        if (instance.appspace(request.appspace()).isEmpty()) {
          leave(request);
          continue;
        }
        judge(request, decisions);
      }
    } finally {
      lock.unlock();
    }
    save();
  }

  /** What Git says now about one appspace's requests. */
  void judge(String appspace, Instance instance) {
    Decisions decisions = new Decisions(instance);
    lock.lock();
    try {
      for (ApprovalRequest request : List.copyOf(requests.values())) {
        if (request.appspace().equals(appspace)) {
          judge(request, decisions);
        }
      }
    } finally {
      lock.unlock();
    }
    save();
  }

  /** Under the lock. */
  private void judge(ApprovalRequest request, Decisions decisions) {
    ApprovalRequest after = decisions.judge(request);
    if (!after.equals(request)) {
      requests.put(request.id(), after);
      unsaved.add(request.id());
    }
  }

  /** What stands on a branch of its own is taken away there first. */
  private void leave(ApprovalRequest request) {
    boolean written =
        request.written().filter(w -> w.branch().startsWith(Scribe.PREFIX)).isPresent();
    if (written) {
      requests.put(request.id(), request.withdrawn());
    } else {
      requests.remove(request.id());
    }
    unsaved.add(request.id());
  }

  /** In the order first asked. */
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

  /** How many asks of an appspace were dropped since the start, for being too many. */
  public long dropped(String appspace) {
    lock.lock();
    try {
      return uncounted.getOrDefault(appspace, 0L);
    } finally {
      lock.unlock();
    }
  }

  /** Durable when it returns; what is no longer there stays so. */
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
