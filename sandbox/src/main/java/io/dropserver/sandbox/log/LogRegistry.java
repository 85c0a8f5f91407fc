package io.dropserver.sandbox.log;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The logs of all appspaces. Thread-safe. */
public final class LogRegistry {
  private final Clock clock;
  private final Map<String, LogRing> rings = new ConcurrentHashMap<>();

  public LogRegistry(Clock clock) {
    this.clock = clock;
  }

  /** Returns the log of an appspace, and creates it on first use. */
  public LogRing of(String appspace) {
    return rings.computeIfAbsent(appspace, name -> new LogRing(clock));
  }

  public void forget(String appspace) {
    rings.remove(appspace);
  }
}
