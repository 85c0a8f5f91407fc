package io.dropserver.sandbox.lifecycle;

import io.dropserver.base.budget.Budget;
import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.LeaseCaller.Kind;
import io.dropserver.sandbox.lifecycle.Capacity.Amount;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * Decides which appspace gets a place next, and which sandbox gives its place up for it. Has no
 * threads and no clock: its callers say what time it is. Not thread-safe.
 *
 * <p>The order is that of {@link Kind}; within a kind, the oldest request comes first, but members
 * take turns, and visitors without allowance come after the others. The first in the order reserves
 * whatever is free or becomes free until it has what it needs, so smaller needs do not overtake a
 * large one.
 */
final class PlaceQueue {
  /** Requests that wait at the same time, of each kind, and of each member and visitor. */
  static final int MAX_WAITING = 512;

  static final int MAX_WAITING_OF_CLIENT = 32;

  private final Capacity capacity;
  private final VisitorTime visitorTime;
  private final Budget<LeaseCaller> visitors = new Budget<>(MAX_WAITING, MAX_WAITING_OF_CLIENT);
  private final Budget<LeaseCaller> members = new Budget<>(MAX_WAITING, MAX_WAITING_OF_CLIENT);
  private final Budget<LeaseCaller> others = new Budget<>(3L * MAX_WAITING, MAX_WAITING);
  private final Set<Ticket> tickets = new LinkedHashSet<>();

  /** The latest places that members got while others may have waited, oldest first. */
  private final Deque<Grant> grants = new ArrayDeque<>();

  /** What sandboxes give up at present, by appspace. */
  private final Map<String, Eviction> leaving = new HashMap<>();

  PlaceQueue(Capacity capacity, VisitorTime visitorTime) {
    this.capacity = capacity;
    this.visitorTime = visitorTime;
  }

  enum Outcome {
    WAITING,
    /** The place and the memory are reserved until the ticket leaves the queue. */
    GRANTED,
    /** No place became free in time. */
    REFUSED,
    /** The place was not needed any more. */
    UNNEEDED
  }

  private record Grant(LeaseCaller member, Instant at) {}

  /** A request for a place. */
  static final class Ticket {
    final String appspace;
    final long memoryBytes;
    final LeaseCaller caller;
    final Instant since;
    private final BooleanSupplier unneeded;
    private final Budget<LeaseCaller>.Claim claim;
    private Outcome outcome = Outcome.WAITING;

    private Ticket(
        String appspace,
        long memoryBytes,
        LeaseCaller caller,
        Instant since,
        BooleanSupplier unneeded,
        Budget<LeaseCaller>.Claim claim) {
      this.appspace = appspace;
      this.memoryBytes = memoryBytes;
      this.caller = caller;
      this.since = since;
      this.unneeded = unneeded;
      this.claim = claim;
    }

    Outcome outcome() {
      return outcome;
    }
  }

  /**
   * A sandbox that could give up its place or its memory.
   *
   * @param last whether it does so after others that are idle, because it is never idle
   * @param canStop false while its data is copied; then it can only fall asleep
   */
  record Holder(String appspace, boolean last, boolean canStop, OpenLeases leases) {}

  /**
   * An order to a sandbox to give up its place.
   *
   * @param stop whether its memory is needed too; otherwise it falls asleep
   * @param waiting the kind of the request for which it does so
   * @param since when this request was made
   */
  record Eviction(String appspace, boolean stop, Kind waiting, Instant since) {}

  /**
   * Adds a request; empty if too many wait. Each ticket must {@link #leave}.
   *
   * @param unneeded whether no place is needed any more, because the caller has left or the
   *     appspace was changed or removed; no sandbox then gives its place up for it
   */
  Optional<Ticket> enter(
      String appspace,
      long memoryBytes,
      LeaseCaller caller,
      Instant now,
      BooleanSupplier unneeded) {
    Budget<LeaseCaller> budget =
        switch (caller.kind()) {
          case VISITOR -> visitors;
          case MEMBER -> members;
          case MAINTENANCE, JOB, BACKGROUND -> others;
        };
    Optional<Ticket> ticket =
        budget
            .claim(caller, 1)
            .map(claim -> new Ticket(appspace, memoryBytes, caller, now, unneeded, claim));
    ticket.ifPresent(tickets::add);
    return ticket;
  }

  /** Removes a request. The appspace loses a grant that its sandbox does not use. */
  void leave(Ticket ticket) {
    ticket.claim.close();
    tickets.remove(ticket);
    boolean needed =
        tickets.stream()
            .anyMatch(
                each -> each.outcome == Outcome.GRANTED && each.appspace.equals(ticket.appspace));
    if (!needed) {
      capacity.revoke(ticket.appspace);
    }
  }

  /** Returns the number of requests that wait. */
  int waiting() {
    return Math.toIntExact(
        tickets.stream().filter(each -> each.outcome == Outcome.WAITING).count());
  }

  /**
   * Takes a place without waiting: a granted one, or a free one for which no request waits.
   *
   * @return false if there is none
   */
  boolean tryTake(String appspace, long memoryBytes) {
    boolean possible = capacity.isGranted(appspace, memoryBytes) || hasRoom(appspace, memoryBytes);
    if (possible) {
      capacity.wakes(appspace, memoryBytes);
    }
    return possible;
  }

  /** Returns whether there is a free place for which no request waits. */
  boolean hasRoom(String appspace, long memoryBytes) {
    return capacity.free().covers(capacity.need(appspace, memoryBytes)) && waiting() == 0;
  }

  /** Ends an eviction, whether the sandbox gave up its place or not. */
  void left(Eviction eviction) {
    leaving.remove(eviction.appspace(), eviction);
  }

  /**
   * Grants and refuses requests, and chooses sandboxes that give up their places.
   *
   * @param holders the sandboxes that could do so now
   * @return new evictions; each must end with {@link #left}
   */
  List<Eviction> decide(Instant now, Collection<Holder> holders) {
    List<Eviction> evictions = new ArrayList<>();
    Amount free = capacity.free();
    Amount soon = free;
    for (Eviction eviction : leaving.values()) {
      soon = soon.plus(given(eviction));
    }
    Set<String> seen = new HashSet<>();
    boolean blocked = false;
    List<Ticket> ordered = inOrder(now);
    for (int index = 0; index < ordered.size(); index++) {
      Ticket ticket = ordered.get(index);
      if (ticket.unneeded.getAsBoolean()) {
        ticket.outcome = Outcome.UNNEEDED;
      } else if (capacity.isGranted(ticket.appspace, ticket.memoryBytes)) {
        ticket.outcome = Outcome.GRANTED;
      } else if (!ticket.since.plus(ticket.caller.kind().longestWait()).isAfter(now)) {
        ticket.outcome = Outcome.REFUSED;
      } else if (!blocked && seen.add(ticket.appspace)) {
        Amount need = need(ticket);
        if (!soon.covers(need)) {
          List<Ticket> after = ordered.subList(index, ordered.size());
          List<Eviction> chosen = choose(ticket, oldest(after), need.minus(soon), holders);
          for (Eviction eviction : chosen) {
            leaving.put(eviction.appspace(), eviction);
            soon = soon.plus(given(eviction));
          }
          evictions.addAll(chosen);
          blocked = chosen.isEmpty(); // what is free is reserved for this one
        }
        if (!blocked && free.covers(need)) {
          capacity.grant(ticket.appspace, ticket.memoryBytes);
          ticket.outcome = Outcome.GRANTED;
          if (ticket.caller.kind() == Kind.MEMBER) {
            remember(new Grant(ticket.caller, now));
          }
        }
        soon = soon.minus(need);
        free = free.minus(need);
      }
    }
    return evictions;
  }

  private void remember(Grant grant) {
    grants.add(grant);
    if (grants.size() > MAX_WAITING) {
      grants.removeFirst();
    }
  }

  private List<Ticket> inOrder(Instant now) {
    Map<Ticket, Integer> turns = turns(now);
    return tickets.stream()
        .filter(each -> each.outcome == Outcome.WAITING)
        .map(each -> Map.entry(each, hasAllowance(each, now)))
        .sorted(
            Comparator.comparing((Map.Entry<Ticket, Boolean> each) -> each.getKey().caller.kind())
                .thenComparing(Map.Entry::getValue, Comparator.reverseOrder())
                .thenComparing(each -> turns.getOrDefault(each.getKey(), 0))
                .thenComparing(each -> each.getKey().since))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Returns the turn of each request of a member: the number of places that the member got within
   * the longest wait, and of the member's older requests.
   */
  private Map<Ticket, Integer> turns(Instant now) {
    Instant since = now.minus(Kind.MEMBER.longestWait());
    while (!grants.isEmpty() && grants.getFirst().at().isBefore(since)) {
      grants.removeFirst();
    }
    Map<LeaseCaller, Integer> next = new HashMap<>();
    grants.forEach(each -> next.merge(each.member(), 1, Integer::sum));
    Map<Ticket, Integer> turns = new HashMap<>();
    for (Ticket each : tickets) {
      if (each.caller.kind() == Kind.MEMBER && each.outcome == Outcome.WAITING) {
        turns.put(each, next.merge(each.caller, 1, Integer::sum) - 1);
      }
    }
    return turns;
  }

  private boolean hasAllowance(Ticket ticket, Instant now) {
    return ticket.caller.kind() != Kind.VISITOR
        || visitorTime.hasAllowance(ticket.appspace, ticket.caller.client(), now);
  }

  /** Returns what a ticket needs. What its own sandbox is giving up at present does not help. */
  private Amount need(Ticket ticket) {
    return leaving.containsKey(ticket.appspace)
        ? new Amount(1, ticket.memoryBytes)
        : capacity.need(ticket.appspace, ticket.memoryBytes);
  }

  /** Returns what becomes free by an eviction that has not ended. */
  private Amount given(Eviction eviction) {
    Amount used = capacity.used(eviction.appspace());
    return eviction.stop() ? used : new Amount(used.places(), 0);
  }

  /**
   * Chooses sandboxes that give up at least what is missing: sleeping ones, idle ones, and those
   * whose leases have kept the place for long enough. Returns an empty list if even all together
   * are not enough.
   */
  private List<Eviction> choose(
      Ticket ticket, Map<Kind, Instant> oldest, Amount missing, Collection<Holder> holders) {
    List<Holder> ordered =
        holders.stream()
            .filter(each -> canGiveUp(each, ticket, oldest))
            .sorted(
                Comparator.comparing(this::isAwake)
                    .thenComparing(each -> each.leases().isUsed())
                    .thenComparing(Holder::last)
                    .thenComparing(PlaceQueue::kind, Comparator.reverseOrder())
                    .thenComparing(each -> each.leases().lastUse()))
            .toList();
    List<Eviction> chosen = new ArrayList<>();
    Amount left = missing;
    for (boolean stop : List.of(true, false)) {
      for (Holder each : ordered) {
        boolean helps =
            stop ? left.memoryBytes() > 0 && each.canStop() : left.places() > 0 && isAwake(each);
        if (helps && chosen.stream().noneMatch(it -> it.appspace().equals(each.appspace()))) {
          Eviction eviction =
              new Eviction(each.appspace(), stop, ticket.caller.kind(), ticket.since);
          chosen.add(eviction);
          left = left.minus(given(eviction));
        }
      }
    }
    return left.places() > 0 || left.memoryBytes() > 0 ? List.of() : chosen;
  }

  /** Returns since when the oldest request of each kind waits. */
  private static Map<Kind, Instant> oldest(List<Ticket> tickets) {
    Map<Kind, Instant> oldest = new EnumMap<>(Kind.class);
    for (Ticket each : tickets) {
      if (each.outcome == Outcome.WAITING) {
        oldest.merge(
            each.caller.kind(), each.since, (one, other) -> one.isBefore(other) ? one : other);
      }
    }
    return oldest;
  }

  /**
   * @param oldest since when this request and those after it wait. If the leases no longer keep the
   *     place from one of these, this request gets it, so that a newer request of a higher kind
   *     prolongs nothing
   */
  private boolean canGiveUp(Holder holder, Ticket ticket, Map<Kind, Instant> oldest) {
    return !holder.appspace().equals(ticket.appspace)
        && !leaving.containsKey(holder.appspace())
        && !capacity.isGranted(holder.appspace(), 0)
        && (!isAwake(holder)
            || oldest.entrySet().stream()
                .anyMatch(each -> !holder.leases().isKept(each.getKey(), each.getValue())));
  }

  private boolean isAwake(Holder holder) {
    return capacity.used(holder.appspace()).places() > 0;
  }

  private static Kind kind(Holder holder) {
    return holder.leases().foremost().map(LeaseCaller::kind).orElse(Kind.BACKGROUND);
  }
}
