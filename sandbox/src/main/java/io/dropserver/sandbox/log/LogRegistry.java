package io.dropserver.sandbox.log;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The logs of all appspaces. Thread-safe. */
public final class LogRegistry {
  private final Clock clock;
  private final LogRing.Retention retention;
  private final Map<String, LogRing> rings = new ConcurrentHashMap<>();

  public LogRegistry(Clock clock) {
    this(clock, LogRing.Retention.DEFAULT);
  }

  /**
   * @param retention of each appspace's log
   */
  public LogRegistry(Clock clock, LogRing.Retention retention) {
    this.clock = clock;
    this.retention = retention;
  }

  /** Returns the log of an appspace, and creates it on first use. */
  public LogRing of(String appspace) {
    return rings.computeIfAbsent(appspace, name -> new LogRing(clock, retention));
  }

  public void forget(String appspace) {
    rings.remove(appspace);
  }
}
