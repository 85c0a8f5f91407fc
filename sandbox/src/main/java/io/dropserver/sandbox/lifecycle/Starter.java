package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Starts sandboxes on the host within the limits that all of them share. Thread-safe. {@link
 * #start}, {@link #run} and {@link #wakes} may put sandboxes of other appspaces to sleep or stop
 * them, so their caller holds no lock of an appspace.
 */
final class Starter {
  private final SandboxHost host;
  private final Capacity capacity;
  private final Preparations preparations;
  private final RoomMaker roomMaker;
  private final AtomicLong generations = new AtomicLong();

  Starter(SandboxHost host, Capacity capacity, Preparations preparations, RoomMaker roomMaker) {
    this.host = host;
    this.capacity = capacity;
    this.preparations = preparations;
    this.roomMaker = roomMaker;
  }

  /**
   * Starts a sandbox, and blocks until its app accepts connections.
   *
   * @throws SandboxException when it cannot be started or there is no capacity
   */
  Sandbox start(SandboxSpec spec) {
    reserve(spec);
    try {
      return host.start(spec);
    } catch (RuntimeException | Error e) {
      ended(spec);
      throw e;
    }
  }

  /**
   * Runs a program in a sandbox of its own, and blocks until it has ended.
   *
   * @throws SandboxException when there is no capacity; otherwise see {@link SandboxHost#run}
   */
  void run(SandboxSpec spec, SandboxHost.Program program) {
    reserve(spec);
    try {
      host.run(spec, program);
    } finally {
      ended(spec);
    }
  }

  /**
   * Reserves the capacity for a sandbox that wakes up.
   *
   * @throws SandboxException when there is no capacity
   */
  void wakes(SandboxSpec spec) {
    reserve(spec);
  }

  private void reserve(SandboxSpec spec) {
    capacity.reserve(spec.appspace(), spec.limits().memoryBytes(), roomMaker::makeRoom);
  }

  /** Returns whether the sandbox can start or wake up now without the stop of another. */
  boolean hasRoom(SandboxSpec spec) {
    return capacity.hasRoom(spec.appspace(), spec.limits().memoryBytes());
  }

  /** Releases the capacity that a sandbox does not need while it is asleep. */
  void fellAsleep(SandboxSpec spec, long keptMemoryBytes) {
    capacity.keepAsleep(spec.appspace(), keptMemoryBytes);
  }

  /** Releases the capacity of a sandbox that has ended. Called once for each start. */
  void ended(SandboxSpec spec) {
    capacity.release(spec.appspace());
  }

  /** Discards what is prepared for the appspace, see {@link Preparations}. */
  void discardPrepared(String appspace) {
    preparations.discard(appspace);
  }

  /** Returns a number that is never reused. It identifies a process, from start or wake-up on. */
  long nextGeneration() {
    return generations.incrementAndGet();
  }
}
