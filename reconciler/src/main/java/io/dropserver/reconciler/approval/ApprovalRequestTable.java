package io.dropserver.reconciler.approval;

import io.dropserver.egress.Destination;
import io.dropserver.egress.UrlPattern;
import io.dropserver.egress.gateway.EgressApprovals;
import io.dropserver.egress.gateway.EgressApprovals.ApprovalState;
import io.dropserver.egress.gateway.EgressApprovals.Denied;
import io.dropserver.egress.gateway.EgressApprovals.PartlyApproved;
import io.dropserver.egress.gateway.EgressApprovals.PendingApproval;
import io.dropserver.egress.gateway.EgressApprovals.QueueFull;
import io.dropserver.egress.gateway.EgressApprovals.Unanswered;
import io.dropserver.reconciler.approval.ApprovalRequestRegistry.Noted;
import io.dropserver.reconciler.edit.WhitelistEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * All requests in memory, with the rules by which requests are added, repeated, decided and
 * dropped, and with the ids of unsaved changes. Not thread-safe.
 */
final class ApprovalRequestTable {
  /**
   * Maximum number of new requests of an appspace in a day. Further ones are counted but not
   * recorded.
   */
  static final int NEW_PER_DAY = 50;

  /** Maximum number of undecided requests of an appspace. */
  static final int MOST_UNDECIDED = 100;

  private final Map<String, ApprovalRequest> requests = new LinkedHashMap<>();
  private final Set<String> unsaved = new LinkedHashSet<>();
  private final Map<String, Long> droppedCounts = new HashMap<>();

  ApprovalRequestTable(Collection<ApprovalRequest> saved) {
    saved.forEach(request -> requests.put(request.id(), request));
  }

  /** Changes since the last save. */
  record Changes(List<ApprovalRequest> updated, Set<String> removed) {}

  /** Returns the unsaved changes, and marks them as saved. */
  Changes takeChanges() {
    List<ApprovalRequest> updated =
        unsaved.stream().map(requests::get).filter(Objects::nonNull).toList();
    Set<String> removed = new LinkedHashSet<>(unsaved);
    removed.removeAll(requests.keySet());
    unsaved.clear();
    return new Changes(updated, removed);
  }

  /** Returns all requests, in the order in which they were first made. */
  List<ApprovalRequest> list() {
    return List.copyOf(requests.values());
  }

  Optional<ApprovalRequest> find(String id) {
    return Optional.ofNullable(requests.get(id));
  }

  long dropped(String appspace) {
    return droppedCounts.getOrDefault(appspace, 0L);
  }

  void put(ApprovalRequest request) {
    requests.put(request.id(), request);
    unsaved.add(request.id());
  }

  Noted recordRequest(
      String appspace,
      Destination destination,
      Set<String> methods,
      Optional<String> reason,
      Instant now) {
    String id = EgressApprovals.id(appspace, destination.origin());
    ApprovalRequest known = requests.get(id);
    if (known == null) {
      return recordNew(id, appspace, destination, methods, reason, now);
    }
    return updateRepeated(known, repeated(known, methods, reason, now));
  }

  boolean recordSuggestions(String appspace, List<WhitelistEntry> lines, Instant now) {
    List<WhitelistEntry> fresh = lines.stream().filter(it -> !isKnown(appspace, it)).toList();
    if (fresh.isEmpty()) {
      return false;
    }
    Set<String> methods = new TreeSet<>();
    fresh.forEach(line -> methods.addAll(line.methods()));
    String id =
        EgressApprovals.id(
            appspace, "suggested " + fresh.stream().map(it -> it.url() + it.methods()).toList());
    put(
        ApprovalRequest.fresh(
            id, appspace, fresh.getFirst().url(), methods, Optional.empty(), fresh, now));
    return true;
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
   * Returns the suggestion that covers a destination, if the app's manifest suggests it. That
   * suggestion then replaces a separate request.
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
                            line.browserFeature().isEmpty()
                                && line.methods().containsAll(methods)
                                && GitDecisions.isAt(UrlPattern.parse(line.url()), destination)))
        .findFirst();
  }

  private boolean isKnown(String appspace, WhitelistEntry line) {
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
                    : line.browserFeature().isEmpty() && isAt(line, request));
  }

  private static boolean isAt(WhitelistEntry line, ApprovalRequest request) {
    UrlPattern pattern = UrlPattern.parse(line.url());
    return !pattern.subdomains() && GitDecisions.isAt(pattern, Destination.parse(request.url()));
  }

  private static ApprovalState standing(ApprovalRequest request) {
    return switch (request.state()) {
      case QUEUED, OPEN, LAPSED -> new PendingApproval(request.id());
      case GRANTED -> new PartlyApproved(request.id());
      case DENIED -> new Denied(request.id());
      case UNANSWERED -> new Unanswered(request.id());
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
    Optional<String> safe = reason.flatMap(SanitizedText::of);
    put(ApprovalRequest.fresh(id, appspace, origin(destination), methods, safe, List.of(), now));
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
    Optional<String> newReason =
        known.reason().isPresent() ? known.reason() : reason.flatMap(SanitizedText::of);
    ApprovalRequest updated = known.requestedAgain(all, methods, newReason, now);
    return switch (known.state()) {
      case QUEUED, DENIED -> updated;
      case OPEN -> newMethod ? updated.outdated() : updated;
      case GRANTED, UNANSWERED -> newMethod ? updated.queued(now) : updated;
      case LAPSED -> updated.queued(now);
    };
  }

  private boolean isFlooding(String appspace, Instant now) {
    Instant dayBefore = now.minus(Duration.ofDays(1));
    List<ApprovalRequest> own =
        requests.values().stream().filter(request -> request.appspace().equals(appspace)).toList();
    // A request of a later date was made before the date was set back.
    long fresh =
        own.stream()
            .map(ApprovalRequest::firstAsked)
            .filter(asked -> asked.isAfter(dayBefore) && !asked.isAfter(now))
            .count();
    long undecided = own.stream().filter(ApprovalRequest::undecided).count();
    return fresh >= NEW_PER_DAY || undecided >= MOST_UNDECIDED;
  }

  /** Returns the destination's origin, without the port if it is the scheme's default. */
  private static String origin(Destination destination) {
    return destination.scheme().text() + "://" + destination.hostHeader() + "/";
  }

  /** Closes the requests that have waited since a time or longer. */
  void closeUnanswered(Instant since) {
    List.copyOf(requests.values()).stream()
        .filter(request -> request.undecided() && !request.waitingSince().isAfter(since))
        .forEach(request -> put(request.unanswered()));
  }

  /** Marks a request as decided if Git allows or denies it. */
  void applyDecisions(ApprovalRequest request, GitDecisions gitDecisions) {
    List<WhitelistEntry> ended =
        request.isSuggestion() && request.state() == ApprovalRequest.State.GRANTED
            ? gitDecisions.ended(request)
            : List.of();
    if (!ended.isEmpty()) {
      if (ended.size() == request.suggested().size()) {
        requests.remove(request.id());
        unsaved.add(request.id());
      } else {
        put(request.without(ended));
      }
      return;
    }
    ApprovalRequest after = gitDecisions.apply(request);
    if (!after.equals(request)) {
      put(after);
    }
  }

  /**
   * Drops the request of a removed appspace. A request with its own branch is kept until that
   * branch is deleted.
   */
  void withdraw(ApprovalRequest request) {
    boolean written =
        request.location().filter(w -> w.branch().startsWith(CommitWriter.PREFIX)).isPresent();
    if (written) {
      put(request.withdrawn());
    } else {
      requests.remove(request.id());
      unsaved.add(request.id());
    }
  }
}
