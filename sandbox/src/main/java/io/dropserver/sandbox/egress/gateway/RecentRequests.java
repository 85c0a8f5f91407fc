package io.dropserver.sandbox.egress.gateway;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The latest approval requests, each origin once, in memory: a bounded number per appspace, so that
 * a flood of one displaces nothing of another's. Thread-safe.
 */
public final class RecentRequests implements ApprovalRequests {
  private static final int PER_APPSPACE = 100;
  private static final int METHODS = 10;

  /** Guarded by this. */
  private final Map<String, Map<String, Waiting>> appspaces = new LinkedHashMap<>();

  /**
   * @param times how often it was asked for
   */
  public record Waiting(
      String id,
      String appspace,
      Origin origin,
      SortedSet<String> methods,
      long times,
      Instant last) {}

  @Override
  public synchronized void asked(Request request) {
    Map<String, Waiting> own =
        appspaces.computeIfAbsent(request.appspace(), absent -> new LinkedHashMap<>());
    Waiting before = own.get(request.id());
    if (before == null && own.size() == PER_APPSPACE) {
      return;
    }
    SortedSet<String> methods = new TreeSet<>(before == null ? List.of() : before.methods());
    if (methods.size() < METHODS) {
      methods.add(request.method());
    }
    own.put(
        request.id(),
        new Waiting(
            request.id(),
            request.appspace(),
            request.origin(),
            Collections.unmodifiableSortedSet(methods),
            before == null ? 1 : before.times() + 1,
            request.time()));
  }

  public synchronized List<Waiting> list() {
    List<Waiting> all = new ArrayList<>();
    appspaces.values().forEach(own -> all.addAll(own.values()));
    return all;
  }
}
