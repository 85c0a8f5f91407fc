package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * The resources that running sandboxes may use together. A sandbox that is awake counts with its
 * memory limit, one that is asleep with the memory that it keeps. Thread-safe.
 */
final class Capacity {
  private final int maxLive;
  private final long maxMemoryBytes;

  // guarded by this, by appspace
  private final Map<String, Reservation> reserved = new HashMap<>();

  // guarded by this, by appspace: the memory of prepared starts, which give way to any sandbox
  private final Map<String, Long> prepared = new HashMap<>();

  private record Reservation(long memoryBytes, boolean awake) {}

  /** What is missing for one more sandbox. */
  enum Shortage {
    /** Too many sandboxes are awake. */
    SANDBOXES,

    MEMORY
  }

  Capacity(int maxLive, long maxMemoryBytes) {
    this.maxLive = maxLive;
    this.maxMemoryBytes = maxMemoryBytes;
  }

  /**
   * Reserves what a sandbox needs that starts or wakes up.
   *
   * @param makeRoom puts an idle sandbox of another appspace to sleep, or stops it; returns false
   *     if there is none
   * @throws SandboxException reason {@code AtCapacity} when there is no room and none can be made,
   *     {@code MemoryAboveMaximum} when no amount of room would be enough
   */
  void reserve(String appspace, long memoryBytes, BiPredicate<String, Shortage> makeRoom) {
    if (isTooLarge(memoryBytes)) {
      throw new SandboxException(
          SandboxReason.MEMORY_ABOVE_MAXIMUM, tooLarge(appspace, memoryBytes));
    }
    while (true) {
      Optional<Shortage> shortage = tryReserve(appspace, memoryBytes);
      if (shortage.isEmpty()) {
        return;
      }
      if (!makeRoom.test(appspace, shortage.get())) {
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
    return shortage(appspace, memoryBytes).isEmpty();
  }

  /** Requires the lock. */
  private Optional<Shortage> shortage(String appspace, long memoryBytes) {
    long memory = memoryBytes;
    int awake = 1;
    for (Map.Entry<String, Reservation> other : reserved.entrySet()) {
      if (!other.getKey().equals(appspace)) {
        memory += other.getValue().memoryBytes();
        awake += other.getValue().awake() ? 1 : 0;
      }
    }
    if (awake > maxLive) {
      return Optional.of(Shortage.SANDBOXES);
    }
    return memory > maxMemoryBytes ? Optional.of(Shortage.MEMORY) : Optional.empty();
  }

  private synchronized Optional<Shortage> tryReserve(String appspace, long memoryBytes) {
    Optional<Shortage> shortage = shortage(appspace, memoryBytes + preparedBytes(appspace));
    if (shortage.isEmpty()) {
      reserved.put(appspace, new Reservation(memoryBytes, true));
    }
    return shortage;
  }

  /** Reduces the reservation of a sandbox that has fallen asleep to the memory that it keeps. */
  synchronized void keepAsleep(String appspace, long memoryBytes) {
    reserved.put(appspace, new Reservation(memoryBytes, false));
  }

  /**
   * Reserves memory for the prepared start of an appspace, if there is room. It does not count for
   * the start itself.
   */
  synchronized boolean keepPrepared(String appspace, long memoryBytes) {
    long kept = reserved.values().stream().mapToLong(Reservation::memoryBytes).sum();
    if (kept + preparedBytes(appspace) + memoryBytes > maxMemoryBytes) {
      return false;
    }
    prepared.put(appspace, memoryBytes);
    return true;
  }

  /** Returns the memory of the prepared starts of other appspaces. Requires the lock. */
  private long preparedBytes(String exceptFor) {
    return prepared.entrySet().stream()
        .filter(each -> !each.getKey().equals(exceptFor))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Returns whether memory was reserved. */
  synchronized boolean releasePrepared(String appspace) {
    return prepared.remove(appspace) != null;
  }

  synchronized void release(String appspace) {
    reserved.remove(appspace);
  }
}
