package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** The resources that running sandboxes may use together. Thread-safe. */
final class Capacity {
  private final int maxLive;
  private final long maxMemoryBytes;

  // guarded by this: appspace → bytes
  private final Map<String, Long> reserved = new HashMap<>();

  Capacity(int maxLive, long maxMemoryBytes) {
    this.maxLive = maxLive;
    this.maxMemoryBytes = maxMemoryBytes;
  }

  /**
   * @param makeRoom stops an idle sandbox of another appspace; returns false if there is none
   * @throws SandboxException reason {@code AtCapacity} when there is no room and none can be made
   */
  void reserve(String appspace, long memoryBytes, Predicate<String> makeRoom) {
    while (!tryReserve(appspace, memoryBytes)) {
      if (!makeRoom.test(appspace)) {
        throw new SandboxException(
            SandboxReason.AT_CAPACITY,
            "appspace "
                + appspace
                + " must wait: "
                + maxLive
                + " sandboxes or "
                + (maxMemoryBytes >> 20)
                + " MiB are in use and no sandbox is idle; raise sandbox.maxLive or"
                + " sandbox.maxMemory");
      }
    }
  }

  /** Returns whether a sandbox of the appspace could start now without the stop of another. */
  synchronized boolean hasRoom(String appspace, long memoryBytes) {
    long others =
        reserved.entrySet().stream()
            .filter(entry -> !entry.getKey().equals(appspace))
            .mapToLong(Map.Entry::getValue)
            .sum();
    int live = reserved.containsKey(appspace) ? reserved.size() : reserved.size() + 1;
    return live <= maxLive && others + memoryBytes <= maxMemoryBytes;
  }

  private synchronized boolean tryReserve(String appspace, long memoryBytes) {
    if (!hasRoom(appspace, memoryBytes)) {
      return false;
    }
    reserved.put(appspace, memoryBytes);
    return true;
  }

  synchronized void release(String appspace) {
    reserved.remove(appspace);
  }
}
