package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.backup.schedule.BackupClock;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.schema.instance.Instance;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Backups at their times: of what is declared, of the server itself, and the upkeep of the
 * repository. One runs at a time; one that failed is tried again before its next time comes.
 * Thread-safe.
 */
public final class BackupPlan implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BackupPlan.class);

  private static final String VERIFY = "(verify)";
  private static final String UPKEEP = "(upkeep)";
  private static final BackupPolicy DAILY =
      new BackupPolicy("30 4 * * *", ZoneOffset.UTC, BackupPolicy.DEFAULT.keep());
  private static final BackupPolicy WEEKLY =
      new BackupPolicy("30 5 * * 0", ZoneOffset.UTC, BackupPolicy.DEFAULT.keep());

  /** Of the repository's data, read by each check. */
  private static final String SUBSET = "5%";

  private static final Duration FIRST_RETRY = Duration.ofMinutes(10);
  private static final int MOST_DOUBLINGS = 5;

  private final BackupRuns runs;
  private final Backups backups;
  private final BackupBook book;
  private final Duration jitter;
  private final BackupClock times;
  private final Semaphore turn = new Semaphore(1, true);
  private final Map<String, Thread> working = new ConcurrentHashMap<>();
  private volatile Map<String, BackupPolicy> policies = Map.of();
  private volatile Map<String, Appspace> appspaces = Map.of();
  private volatile boolean closed;

  /**
   * @param jitter what is due at one instant begins within this time of it, each at its own
   */
  public BackupPlan(
      BackupRuns runs, Backups backups, BackupBook book, Clock clock, Duration jitter) {
    this.runs = runs;
    this.backups = backups;
    this.book = book;
    this.jitter = jitter;
    this.times = new BackupClock(this::due, clock);
  }

  /** A revision is served: these are its appspaces and their policies. */
  public void declare(Instance instance) {
    Map<String, BackupPolicy> wanted = new TreeMap<>();
    instance.appspaces().values().forEach(each -> wanted.put(each.name(), each.backup()));
    wanted.put(BackupRuns.SERVER, instance.settings().defaultBackup());
    appspaces = Map.copyOf(instance.appspaces());
    policies = Map.copyOf(wanted);
    Map<String, BackupPolicy> all = new HashMap<>(wanted);
    all.put(VERIFY, DAILY);
    all.put(UPKEEP, WEEKLY);
    times.declare(all, name -> book.find(name).map(BackupBook.Page::attemptedAt));
  }

  /** When it is next due; empty for what is not declared. */
  public Optional<Instant> next(String name) {
    return times.next(name);
  }

  /** Between the next time that it is due and the one after. */
  Duration interval(String name) {
    return times.interval(name);
  }

  private void due(String name) {
    working.computeIfAbsent(name, this::begin);
  }

  private Thread begin(String name) {
    return Thread.ofVirtual().name("backup-" + name).start(() -> work(name));
  }

  private void work(String name) {
    try {
      Thread.sleep(wait(name));
      for (int failures = 0; !done(name); failures++) {
        Thread.sleep(FIRST_RETRY.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS)));
      }
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
    } finally {
      working.remove(name);
    }
  }

  /** The same each time, so that an appspace's backups are as far apart as its policy says. */
  private Duration wait(String name) {
    long millis = jitter.toMillis();
    return Duration.ofMillis(millis == 0 ? 0 : Math.floorMod(name.hashCode() * 31L, millis));
  }

  /** One try; false when another may succeed. */
  private boolean done(String name) throws InterruptedException {
    turn.acquire();
    try {
      switch (name) {
        case VERIFY -> verifyNewest();
        case UPKEEP -> upkeep();
        default -> backUp(name);
      }
      return true;
    } catch (BackupException e) {
      LOG.warn("backup of {}: {}", name, e.getMessage());
      return closed || !policies.containsKey(name);
    } catch (RuntimeException e) {
      LOG.error("backup of {} ended unexpectedly", name, e);
      return true;
    } finally {
      turn.release();
    }
  }

  private void backUp(String name) {
    BackupPolicy policy = policies.get(name);
    if (policy == null) {
      return;
    }
    runs.backUp(name, Progress.SILENT);
    Appspace appspace = appspaces.get(name);
    if (appspace == null) {
      backups.expireServer(policy.keep(), book.verified());
    } else {
      backups.expire(name, appspace.app().name(), appspace.owner(), policy.keep(), book.verified());
    }
  }

  /** A sample of the newest backup of each, where that was not verified yet. */
  private void verifyNewest() {
    Set<String> seen = new HashSet<>();
    for (Snapshot snapshot : backups.list()) {
      String name = BackupRuns.nameOf(snapshot);
      boolean newest = seen.add(name);
      boolean known =
          book.find(name)
              .flatMap(BackupBook.Page::verifiedSnapshot)
              .equals(Optional.of(snapshot.id()));
      if (newest && !known && policies.containsKey(name)) {
        runs.verify(snapshot, Progress.SILENT);
      }
    }
    book.ran(VERIFY);
  }

  private void upkeep() {
    backups.repository().prune();
    backups.repository().check(Optional.of(SUBSET));
    book.ran(UPKEEP);
  }

  /** Ends what runs: the repository is whole at any instant. */
  @Override
  public void close() {
    closed = true;
    times.close();
    working.values().forEach(Thread::interrupt);
    for (Thread thread : Set.copyOf(working.values())) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
