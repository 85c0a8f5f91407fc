package io.dropserver.sandbox.lifecycle;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The places and the memory that running sandboxes may use together. A sandbox that is awake has a
 * place, and counts with its memory limit. One that is asleep counts with the memory that it keeps.
 * A grant reserves both for an appspace whose sandbox will start or wake up. Thread-safe.
 */
final class Capacity {
  private final int maxLive;
  private final long maxMemoryBytes;

  // guarded by this, by appspace
  private final Map<String, Amount> used = new HashMap<>();

  // guarded by this, by appspace: the memory that is granted, and in use or not
  private final Map<String, Long> granted = new HashMap<>();

  // guarded by this: the memory of sandboxes that wait for an appspace, and give way to any other
  private long waitingBytes;

  /** Places and memory. Either may be negative, if more is reserved than there is. */
  record Amount(int places, long memoryBytes) {
    static final Amount NOTHING = new Amount(0, 0);

    Amount plus(Amount other) {
      return new Amount(places + other.places, memoryBytes + other.memoryBytes);
    }

    Amount minus(Amount other) {
      return new Amount(places - other.places, memoryBytes - other.memoryBytes);
    }

    /** Returns whether the needed places and the needed memory are available. */
    boolean covers(Amount need) {
      return (need.places <= 0 || places >= need.places)
          && (need.memoryBytes <= 0 || memoryBytes >= need.memoryBytes);
    }
  }

  Capacity(int maxLive, long maxMemoryBytes) {
    this.maxLive = maxLive;
    this.maxMemoryBytes = maxMemoryBytes;
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

  /** Returns the limits, for a message. */
  String limits() {
    return "%d sandboxes or %d MiB".formatted(maxLive, maxMemoryBytes >> 20);
  }

  /** Returns what no sandbox uses and no grant reserves. Waiting sandboxes do not count. */
  synchronized Amount free() {
    Amount free = new Amount(maxLive, maxMemoryBytes);
    Set<String> appspaces = new HashSet<>(used.keySet());
    appspaces.addAll(granted.keySet());
    for (String appspace : appspaces) {
      free = free.minus(reserved(appspace));
    }
    return free;
  }

  /** Returns what is reserved for the appspace. Requires the lock. */
  private Amount reserved(String appspace) {
    Amount own = used.getOrDefault(appspace, Amount.NOTHING);
    return Optional.ofNullable(granted.get(appspace))
        .map(memory -> new Amount(1, Math.max(memory, own.memoryBytes)))
        .orElse(own);
  }

  /** Returns what the appspace needs, in addition to what is reserved for it. */
  synchronized Amount need(String appspace, long memoryBytes) {
    Amount own = reserved(appspace);
    return new Amount(1 - own.places, Math.max(0, memoryBytes - own.memoryBytes));
  }

  /** Returns what the sandbox of the appspace uses. */
  synchronized Amount used(String appspace) {
    return used.getOrDefault(appspace, Amount.NOTHING);
  }

  /** Reserves a place and memory until {@link #revoke}, whether the sandbox runs or not. */
  synchronized void grant(String appspace, long memoryBytes) {
    granted.merge(appspace, memoryBytes, Math::max);
  }

  synchronized boolean isGranted(String appspace, long memoryBytes) {
    return granted.getOrDefault(appspace, -1L) >= memoryBytes;
  }

  synchronized void revoke(String appspace) {
    granted.remove(appspace);
  }

  /** Counts a sandbox that starts or wakes up. The caller checked that there is room. */
  synchronized void wakes(String appspace, long memoryBytes) {
    used.put(appspace, new Amount(1, memoryBytes));
  }

  /** Reduces the use of a sandbox that has fallen asleep to the memory that it keeps. */
  synchronized void keepAsleep(String appspace, long memoryBytes) {
    used.put(appspace, new Amount(0, memoryBytes));
  }

  synchronized void release(String appspace) {
    used.remove(appspace);
  }

  /** Returns for how many waiting sandboxes of this size there is memory that no other needs. */
  synchronized int roomForWaiting(long bytesOfEach) {
    return Math.toIntExact(Math.max(0, free().memoryBytes) / bytesOfEach);
  }

  /** Sets the memory of waiting sandboxes. Returns whether there were any. */
  synchronized boolean keepWaiting(long bytes) {
    boolean any = waitingBytes > 0;
    waitingBytes = bytes;
    return any;
  }

  /** Returns whether other sandboxes need the memory of waiting ones. */
  synchronized boolean needsWaiting() {
    return waitingBytes > 0 && free().memoryBytes < waitingBytes;
  }
}
