package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.state.condition.SandboxReason;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reports the appspaces that can never start with their memory limit, before their first request
 * fails. Thread-safe.
 */
final class TooLargeAppspaces {
  private final Capacity capacity;
  private final SandboxEvents events;

  /** The memory limits of the reported appspaces. */
  private final Map<String, Long> reported = new ConcurrentHashMap<>();

  TooLargeAppspaces(Capacity capacity, SandboxEvents events) {
    this.capacity = capacity;
    this.events = events;
  }

  /** Reports the appspace once for each limit that is too large, or voids the earlier report. */
  void declared(SandboxSpec spec) {
    String appspace = spec.appspace();
    long memoryBytes = spec.limits().memoryBytes();
    if (!capacity.isTooLarge(memoryBytes)) {
      withdrawn(appspace);
    } else if (!Long.valueOf(memoryBytes).equals(reported.put(appspace, memoryBytes))) {
      events.startFailed(
          appspace, SandboxReason.MEMORY_ABOVE_MAXIMUM, capacity.tooLarge(appspace, memoryBytes));
    }
  }

  /** Voids the report of the appspace, if there is one. */
  void withdrawn(String appspace) {
    if (reported.remove(appspace) != null) {
      events.failureVoid(appspace);
    }
  }
}
