package io.dropserver.reconciler.update;

import io.dropserver.base.concurrent.WakeableLoop;
import io.dropserver.control.PullRequestEvent;
import io.dropserver.control.PullRequestEvent.PullRequestChange;
import io.dropserver.control.UpdateControl;
import io.dropserver.reconciler.converge.Backoff;
import io.dropserver.reconciler.source.SourceException;
import io.dropserver.reconciler.update.UpdateStore.Problem;
import io.dropserver.reconciler.update.UpdateStore.Question;
import io.dropserver.reconciler.update.UpdateWriter.Conflict;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.Instance;
import io.dropserver.state.condition.Reason.Retry;
import io.dropserver.state.condition.UpdateReason;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the origins of followed apps for new versions, and offers those on branches or pull
 * requests. One thread asks, tries and writes, one app after the other. Thread-safe.
 */
public final class AppUpdates implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AppUpdates.class);

  /** Interval between checks of open offers. */
  private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);

  /** The first questions about apps are spread over this time. */
  private static final Duration FIRST_SPREAD = Duration.ofSeconds(10);

  /** Later questions are delayed by at most this part of the interval. */
  private static final int SPREAD_PART = 24;

  private final PublishedVersions published;
  private final Optional<UpdateWriter> writer;
  private final UpdateStore store;
  private final Backoff backoff;
  private final Clock clock;
  private final WakeableLoop loop = new WakeableLoop("app updates");
  private volatile Map<String, App> followed = Map.of();

  /** Whether a revision is in service. Before, it is not known which apps are followed. */
  private volatile boolean served;

  /** Apps that a person wants to be asked about now. */
  private final Set<String> urgent = java.util.concurrent.ConcurrentHashMap.newKeySet();

  private int failures; // accessed only by the loop's thread

  /** Apps are asked about once for each conflict. Accessed only by the loop's thread. */
  private Set<Conflict> conflicts = Set.of();

  /**
   * @param writer empty without write access; new versions are then only shown
   */
  AppUpdates(
      PublishedVersions published,
      Optional<UpdateWriter> writer,
      UpdateStore store,
      Backoff backoff,
      Clock clock) {
    this.published = published;
    this.writer = writer;
    this.store = store;
    this.backoff = backoff;
    this.clock = clock;
  }

  public AppUpdates start() {
    var _ = loop.start(this::run);
    return this;
  }

  /** Follows the apps of a revision that went into service. */
  public void revisionServed(Instance instance) {
    followed =
        instance.apps().values().stream()
            .filter(app -> app.follow().isPresent())
            .collect(Collectors.toUnmodifiableMap(App::name, app -> app));
    served = true;
    loop.wake();
  }

  /** Asks about an app now, if it is followed. */
  public void askNow(String app) {
    if (followed.containsKey(app)) {
      urgent.add(app);
      loop.wake();
    }
  }

  /** Handles a webhook about a pull request. Events of unrelated pull requests are ignored. */
  public void pullRequestChanged(PullRequestEvent event) {
    for (String app : store.apps()) {
      for (Offer offer : store.offers(app)) {
        boolean same =
            offer.place().equals(event.branch())
                || (!event.commit().isEmpty() && offer.commit().equals(event.commit()));
        if (same && event.change() == PullRequestChange.REOPENED && offer.isDeclined()) {
          reopen(offer);
        } else if (same && event.change() == PullRequestChange.CLOSED && offer.isOpen()) {
          decline(offer, event);
        }
      }
    }
    loop.wake();
  }

  /** Offers a version again. The next check declines it again if the forge disagrees. */
  private void reopen(Offer offer) {
    if (offer.commit().isEmpty()) {
      store.forget(offer);
      askNow(offer.app());
    } else {
      store.replace(offer, offer.reopened(now()));
    }
  }

  /** Without API access, signed deliveries are the only source of this news. */
  private void decline(Offer offer, PullRequestEvent event) {
    if (writer.isPresent() && !writer.get().hasForge() && offer.commit().equals(event.commit())) {
      store.replace(offer, offer.declined(now()));
    }
  }

  /** Returns the open offers of an app. */
  List<Offer> offers(String app) {
    return store.offers(app).stream().filter(Offer::isOpen).toList();
  }

  /** Returns the conditions of an app, and of the appspaces that use it. */
  public UpdateConditions conditions() {
    return new UpdateConditions(store);
  }

  /** Returns the decisions about offers that persons can make on this server. */
  public UpdateControl decisions() {
    return new UpdateDecisions(store, writer, loop::wake);
  }

  /** Asks about all apps that are due. Returns the delay until the next run. */
  Duration run() {
    boolean known = served; // read before the apps, which are written first
    Map<String, App> apps = new TreeMap<>(followed);
    if (known) {
      store.keepQuestions(apps.keySet());
    }
    Duration wait = maintainOffers(apps);
    if (known) {
      store.pruneOffers(apps.keySet()); // those of apps that are not followed are withdrawn now
    }
    for (App app : apps.values()) {
      if (Thread.currentThread().isInterrupted()) {
        return CHECK_INTERVAL;
      }
      Duration next = ask(app);
      wait = wait.compareTo(next) < 0 ? wait : next;
    }
    return wait;
  }

  /** Returns the time until the offers have to be looked at again. */
  private Duration maintainOffers(Map<String, App> apps) {
    if (writer.isEmpty()) {
      return WakeableLoop.FOREVER;
    }
    try {
      Set<Conflict> found = writer.get().maintain(store.apps());
      for (Conflict conflict : found) {
        if (!conflicts.contains(conflict) && apps.containsKey(conflict.app())) {
          urgent.add(conflict.app());
        }
      }
      conflicts = found;
      failures = 0;
    } catch (IOException | RuntimeException e) {
      LOG.warn("offers of updates cannot be maintained yet: {}", e.getMessage());
      return backoff.after(++failures);
    }
    boolean open = store.apps().stream().anyMatch(app -> !offers(app).isEmpty());
    return open ? CHECK_INTERVAL : WakeableLoop.FOREVER;
  }

  /** Asks about an app if it is time. Returns the time until the next question. */
  private Duration ask(App app) {
    boolean immediately = urgent.remove(app.name());
    Optional<Question> before = store.question(app.name());
    Instant due =
        before.map(Question::nextAt).orElseGet(() -> now().plus(spread(app, FIRST_SPREAD)));
    if (before.isEmpty()) {
      store.put(app.name(), new Question(due, 0, Optional.empty()));
    }
    Duration left = Duration.between(now(), due);
    // A question that is due much later was planned at a later date, before the date was set back.
    if (!immediately && left.isPositive() && left.compareTo(longestWait(app)) <= 0) {
      return left;
    }
    Question next = next(app, before.map(Question::failures).orElse(0), attempt(app));
    store.put(app.name(), keepSince(before, next));
    Duration wait = Duration.between(now(), next.nextAt());
    return wait.isNegative() ? Duration.ZERO : wait;
  }

  /** Returns a time that is longer than each planned wait. */
  private static Duration longestWait(App app) {
    return app.follow().orElseThrow().interval().multipliedBy(2).plusHours(1);
  }

  private Optional<UpdateException> attempt(App app) {
    try {
      Optional<Candidate> candidate = published.newest(app);
      if (candidate.isPresent() && writer.isPresent()) {
        writer.get().offer(app.name(), candidate.get());
      } else if (candidate.isPresent()) {
        return Optional.of(
            new UpdateException(
                UpdateReason.NOT_WRITTEN,
                false,
                "version %s is published, and this server has no write credentials; name them under repo.write in the host configuration"
                    .formatted(candidate.get().version())));
      }
      return Optional.empty();
    } catch (UpdateException e) {
      return Optional.of(e);
    } catch (SandboxException e) {
      return Optional.of(
          new UpdateException(
              UpdateReason.CANDIDATE_FAILED,
              e.reason().retry() == Retry.RETRY,
              String.valueOf(e.getMessage())));
    } catch (SourceException e) {
      return Optional.of(
          new UpdateException(UpdateReason.NOT_WRITTEN, true, String.valueOf(e.getMessage())));
    } catch (IOException e) {
      return Optional.of(
          new UpdateException(UpdateReason.ORIGIN_FAILED, true, String.valueOf(e.getMessage())));
    } catch (RuntimeException e) {
      LOG.error("the update of {} ended unexpectedly", app.name(), e);
      return Optional.of(new UpdateException(UpdateReason.CANDIDATE_FAILED, false, e.toString()));
    }
  }

  private Question next(App app, int before, Optional<UpdateException> failure) {
    failure.ifPresent(e -> LOG.warn("no update of {} is offered: {}", app.name(), e.getMessage()));
    Duration interval = app.follow().orElseThrow().interval();
    boolean soon = failure.filter(UpdateException::soon).isPresent();
    Duration usual = interval.plus(spread(app, interval.dividedBy(SPREAD_PART)));
    Duration wait = soon ? backoff.after(before + 1) : usual;
    return new Question(
        now().plus(wait),
        soon ? before + 1 : 0,
        failure.map(e -> new Problem(e.reason(), String.valueOf(e.getMessage()), now())));
  }

  /** Keeps the time at which a problem began. */
  private static Question keepSince(Optional<Question> before, Question next) {
    Optional<Problem> same =
        before
            .flatMap(Question::problem)
            .filter(p -> next.problem().filter(n -> n.reason() == p.reason()).isPresent());
    return same.isEmpty()
        ? next
        : new Question(
            next.nextAt(),
            next.failures(),
            next.problem().map(p -> new Problem(p.reason(), p.message(), same.get().since())));
  }

  /** Returns a delay that is fixed for each app. */
  private static Duration spread(App app, Duration over) {
    return over.multipliedBy(Math.floorMod(app.name().hashCode(), 1_000)).dividedBy(1_000);
  }

  private Instant now() {
    return Instant.ofEpochMilli(clock.millis());
  }

  /** Interrupts the current question or trial, and waits for its end. */
  @Override
  public void close() {
    loop.close();
  }
}
