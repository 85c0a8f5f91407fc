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
   * @throws SandboxException reason {@code AtCapacity} when there is no room and none can be made,
   *     {@code MemoryAboveMaximum} when no amount of room would be enough
   */
  void reserve(String appspace, long memoryBytes, Predicate<String> makeRoom) {
    if (isTooLarge(memoryBytes)) {
      throw new SandboxException(
          SandboxReason.MEMORY_ABOVE_MAXIMUM, tooLarge(appspace, memoryBytes));
    }
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

  /** Returns whether a sandbox with this limit could not start even if no other sandbox ran. */
  boolean isTooLarge(long memoryBytes) {
    return memoryBytes > maxMemoryBytes;
  }

  /** Returns the message for an appspace whose limit is too large. */
  String tooLarge(String appspace, long memoryBytes) {
    return ("appspace %s can never start: its memory limit of %d MiB is above sandbox.maxMemory,"
                + " which is %d MiB (by default three quarters of the memory of this machine or"
                + " container); lower limits.memory of the appspace, or raise sandbox.maxMemory")
        .formatted(appspace, memoryBytes >> 20, maxMemoryBytes >> 20);
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
