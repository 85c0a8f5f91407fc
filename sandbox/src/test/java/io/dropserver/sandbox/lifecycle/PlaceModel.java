package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.LeaseCaller.Kind;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Eviction;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Holder;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Outcome;
import io.dropserver.sandbox.lifecycle.PlaceQueue.Ticket;
import io.dropserver.testing.SettableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A machine whose sandboxes exist only in this model, and whose time is a number. It applies the
 * real {@link PlaceQueue}, {@link OpenLeases} and {@link VisitorTime}, and checks after each
 * decision what decision 58 promises.
 */
final class PlaceModel {
  /** A start takes at most this long, as the deadline of real starts. */
  static final int START = 15_000;

  /** A stop takes at most the drain timeout and the grace period. */
  static final int STOP = 15_000;

  /** An upgrade uses its place for at most this long in the model, after its start. */
  static final int UPGRADE = 30_000;

  static final int TICK = 1000;

  final int maxLive;
  final int maxMemory;
  final Map<Kind, Long> longest = new EnumMap<>(Kind.class);
  private final Random random;
  private final SettableClock clock = new SettableClock();
  private final Instant start = clock.instant();
  private final Capacity capacity;
  private final VisitorTime visitorTime = new VisitorTime();
  private final PlaceQueue queue;
  private final List<App> apps = new ArrayList<>();
  private final List<Request> waiting = new ArrayList<>();
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private final Set<Kind> holding = EnumSet.noneOf(Kind.class);
  private long number;
  private boolean ticking;

  private record Event(long at, long number, Runnable action) {}

  enum State {
    NONE,
    STARTING,
    RUNNING,
    ASLEEP,
    LEAVING
  }

  static final class App {
    final String name;
    final int memory;
    private State state = State.NONE;
    private @Nullable OpenLeases leases;
    private final List<Request> pending = new ArrayList<>();

    App(String name, int memory) {
      this.name = name;
      this.memory = memory;
    }
  }

  /**
   * @param granted the appspaces that got a place while this request waited, in order
   */
  private record Request(
      App app,
      LeaseCaller caller,
      int duration,
      Runnable afterwards,
      @Nullable Ticket ticket,
      List<App> granted) {}

  PlaceModel(Random random, int maxLive, int maxMemory) {
    this.random = random;
    this.maxLive = maxLive;
    this.maxMemory = maxMemory;
    this.capacity = new Capacity(maxLive, maxMemory);
    this.queue = new PlaceQueue(capacity, visitorTime);
  }

  App app(int memory) {
    App app = new App("a" + apps.size(), memory);
    apps.add(app);
    return app;
  }

  long now() {
    return Duration.between(start, clock.instant()).toMillis();
  }

  void at(long time, Runnable action) {
    events.add(new Event(time, number++, action));
  }

  /** Lets all events happen, in order, until the time is over. */
  void run(long until) {
    while (!events.isEmpty() && events.peek().at() <= until) {
      Event event = events.remove();
      clock.set(start.plusMillis(event.at()));
      event.action().run();
      decide();
    }
  }

  /** Requests an app; the request ends by itself if its sandbox does not stop before. */
  void request(App app, LeaseCaller caller, int duration, Runnable afterwards) {
    request(new Request(app, caller, duration, afterwards, null, new ArrayList<>()));
  }

  private void request(Request request) {
    App app = request.app();
    OpenLeases leases = app.leases;
    if (app.state == State.RUNNING && leases != null) {
      holding.add(request.caller().kind());
      long lease = leases.open(request.caller());
      leave(request);
      at(
          now() + request.duration(),
          () -> {
            leases.close(lease);
            request.afterwards().run();
          });
    } else if (app.state == State.STARTING || app.state == State.LEAVING) {
      app.pending.add(request);
    } else if (queue.tryTake(app.name, app.memory)) {
      app.pending.add(request);
      start(app);
    } else {
      queue
          .enter(app.name, app.memory, request.caller(), clock.instant(), () -> false)
          .ifPresentOrElse(
              ticket ->
                  waiting.add(
                      new Request(
                          app,
                          request.caller(),
                          request.duration(),
                          request.afterwards(),
                          ticket,
                          new ArrayList<>())),
              request.afterwards());
    }
  }

  private void leave(Request request) {
    if (request.ticket() != null) {
      queue.leave(request.ticket());
    }
  }

  private void start(App app) {
    boolean asleep = app.state == State.ASLEEP;
    app.state = State.STARTING;
    at(
        now() + random.nextInt(asleep ? 20 : START + 1),
        () -> {
          app.state = State.RUNNING;
          OpenLeases known = app.leases;
          if (asleep && known != null) {
            known.wokeUp();
          } else {
            app.leases = new OpenLeases(app.name, clock, visitorTime, () -> {});
          }
          retry(app);
        });
  }

  /** Starts a sandbox that no lease uses and that cannot be evicted, as an upgrade does. */
  void upgrade(App app, Runnable afterwards) {
    holding.add(Kind.MAINTENANCE);
    queue
        .enter(app.name, app.memory, LeaseCaller.MAINTENANCE, clock.instant(), () -> false)
        .ifPresent(
            ticket ->
                waiting.add(
                    new Request(
                        app, LeaseCaller.MAINTENANCE, 0, afterwards, ticket, new ArrayList<>())));
  }

  private void runUpgrade(Request request) {
    App app = request.app();
    capacity.wakes(app.name, app.memory);
    leave(request);
    at(
        now() + random.nextInt(START + UPGRADE),
        () -> {
          capacity.release(app.name);
          request.afterwards().run();
        });
  }

  private void retry(App app) {
    List<Request> requests = List.copyOf(app.pending);
    app.pending.clear();
    requests.forEach(this::request);
    requests.forEach(this::leave);
  }

  private void decide() {
    if (waiting.isEmpty()) {
      return;
    }
    List<Holder> holders = new ArrayList<>();
    for (App app : apps) {
      OpenLeases leases = app.leases;
      if (leases != null && (app.state == State.RUNNING || app.state == State.ASLEEP)) {
        holders.add(new Holder(app.name, false, true, leases));
      }
    }
    queue.decide(clock.instant(), holders).forEach(this::evict);
    List<Request> decided =
        waiting.stream()
            .filter(each -> ticket(each).outcome() != Outcome.WAITING)
            // Each request counts those that get their places before it.
            .sorted(Comparator.comparing(each -> each.caller().kind()))
            .toList();
    waiting.removeAll(decided);
    requireNothingOvertaken(decided);
    Set<App> counted = new HashSet<>();
    for (int index = 0; index < decided.size(); index++) {
      conclude(decided.get(index), decided.subList(index + 1, decided.size()), counted);
    }
    if (!ticking && !waiting.isEmpty()) {
      ticking = true;
      at(now() + TICK, () -> ticking = false);
    }
  }

  private static Ticket ticket(Request request) {
    return java.util.Objects.requireNonNull(request.ticket());
  }

  /**
   * @param later the requests that are concluded after this one
   * @param counted the appspaces that got a place in this decision
   */
  private void conclude(Request request, List<Request> later, Set<App> counted) {
    Kind kind = request.caller().kind();
    long waited = Duration.between(ticket(request).since, clock.instant()).toMillis();
    longest.merge(kind, waited, Math::max);
    boolean refused = ticket(request).outcome() == Outcome.REFUSED;
    long bound = rounds(request.granted()) * round(kind);
    if (refused) {
      leave(request);
      require(
          waited >= kind.longestWait().toMillis()
              && waited <= kind.longestWait().toMillis() + TICK
              && bound > waited - TICK,
          "%s refused after %d ms although %d suffice".formatted(kind, waited, bound));
      request.afterwards().run();
      return;
    }
    require(waited <= bound, "%s waited %d ms of %d".formatted(kind, waited, bound));
    if (counted.add(request.app())) {
      waiting.forEach(other -> other.granted().add(request.app()));
      later.forEach(other -> other.granted().add(request.app()));
    }
    if (kind == Kind.MAINTENANCE) {
      runUpgrade(request);
    } else {
      request(request);
    }
  }

  /** Returns the longest time after which every place of today has become free for this kind. */
  private long round(Kind waiting) {
    long kept =
        holding.stream()
            .mapToLong(kind -> PlaceTimes.kept(kind, waiting, true).toMillis())
            .max()
            .orElse(0);
    return START + kept + STOP + 2 * TICK + (holding.contains(Kind.MAINTENANCE) ? UPGRADE : 0);
  }

  /**
   * Returns one round more than the number of times that the machine must be filled so that all of
   * them had a place in this order.
   */
  private int rounds(List<App> before) {
    int rounds = before.isEmpty() ? 1 : 2;
    int places = 0;
    int memory = 0;
    for (App app : before) {
      places++;
      memory += app.memory;
      if (places > maxLive || memory > maxMemory) {
        rounds++;
        places = 1;
        memory = app.memory;
      }
    }
    return rounds;
  }

  /**
   * While sandboxes leave for a request, later ones may get what it does not need. How long it
   * waits is checked in any case.
   */
  private void requireNothingOvertaken(List<Request> decided) {
    if (apps.stream().anyMatch(each -> each.state == State.LEAVING)) {
      return;
    }
    Set<App> served = new HashSet<>();
    decided.forEach(each -> served.add(each.app()));
    for (App app : served) {
      List<Request> granted =
          decided.stream()
              .filter(each -> each.app() == app && ticket(each).outcome() == Outcome.GRANTED)
              .toList();
      for (Request other : waiting) {
        // All requests of an appspace share the place that the first of them got.
        boolean overtaken =
            !granted.isEmpty() && granted.stream().allMatch(got -> isBefore(other, got));
        require(
            !overtaken || served.contains(other.app()),
            app.name + " overtook " + other.caller() + " of " + other.app().name);
      }
    }
  }

  /**
   * Returns false for two visitors and two members, whose order depends on their allowance or turn.
   */
  private static boolean isBefore(Request one, Request other) {
    Kind kind = one.caller().kind();
    return kind.isBefore(other.caller().kind())
        || (kind == other.caller().kind()
            && kind != Kind.VISITOR
            && (kind != Kind.MEMBER || one.caller().equals(other.caller()))
            && ticket(one).since.isBefore(ticket(other).since));
  }

  private void evict(Eviction eviction) {
    App app =
        apps.stream().filter(it -> it.name.equals(eviction.appspace())).findAny().orElseThrow();
    boolean stops = eviction.stop();
    app.state = State.LEAVING;
    at(
        now() + (stops ? random.nextInt(STOP + 1) : 10),
        () -> {
          if (stops) {
            capacity.release(app.name);
            app.leases = null;
          } else {
            capacity.keepAsleep(app.name, random.nextInt(app.memory) + 1);
          }
          app.state = stops ? State.NONE : State.ASLEEP;
          queue.left(eviction);
          retry(app);
        });
  }

  private void require(boolean holds, String problem) {
    if (!holds) {
      throw new AssertionError(
          "%s at %d ms; %d places, %d memory, apps of %s"
              .formatted(
                  problem, now(), maxLive, maxMemory, apps.stream().map(it -> it.memory).toList()));
    }
  }
}
