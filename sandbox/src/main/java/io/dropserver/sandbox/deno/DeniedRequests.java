package io.dropserver.sandbox.deno;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The permission requests of a sandbox that were denied, each listed once with a count. New entries
 * replace the oldest. Thread-safe.
 */
public final class DeniedRequests {
  private static final int CAPACITY = 100;
  private static final int MAX_VALUE = 300;

  private record Key(String permission, String value) {}

  public record Denied(String permission, String value, long count, Instant last) {}

  private final Clock clock;

  // guarded by this; in the order of the first denial
  private final Map<Key, Denied> denied = new LinkedHashMap<>();

  public DeniedRequests(Clock clock) {
    this.clock = clock;
  }

  public synchronized void add(PermissionRequest request) {
    String value = request.value().orElse("");
    Key key =
        new Key(
            request.permission(),
            value.length() > MAX_VALUE ? value.substring(0, MAX_VALUE) : value);
    Denied before = denied.get(key);
    long count = before == null ? 1 : before.count() + 1;
    denied.put(key, new Denied(key.permission(), key.value(), count, clock.instant()));
    if (denied.size() > CAPACITY) {
      denied.remove(denied.keySet().iterator().next());
    }
  }

  public synchronized List<Denied> list() {
    return new ArrayList<>(denied.values());
  }
}
