package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.LeaseCaller;
import io.dropserver.sandbox.Sandbox;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import io.dropserver.sandbox.SandboxSpec;
import io.dropserver.sandbox.lifecycle.Places.Reservation;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** Starts sandboxes on the host within the limits that all of them share. Thread-safe. */
final class Starter {
  private final SandboxHost host;
  private final WaitingStarts waitingStarts;
  private final Places places;
  private final AtomicLong generations = new AtomicLong();

  Starter(SandboxHost host, WaitingStarts waitingStarts, Places places) {
    this.host = host;
    this.waitingStarts = waitingStarts;
    this.places = places;
  }

  /** See {@link Places#tryTake}. */
  boolean tryTake(SandboxSpec spec) {
    return places.tryTake(spec);
  }

  /** See {@link Places#reserve}. */
  Reservation reserve(SandboxSpec spec, LeaseCaller caller, BooleanSupplier unneeded) {
    return places.reserve(spec, caller, unneeded);
  }

  /** Reserves a place for an upgrade, a migration or a trial start, which is always needed. */
  Reservation reserveForMaintenance(SandboxSpec spec) {
    return reserve(spec, LeaseCaller.MAINTENANCE, () -> false);
  }

  /**
   * Starts a sandbox in a place that was taken, and blocks until its app accepts connections.
   *
   * @throws SandboxException when it cannot be started; its place is free again
   */
  Sandbox start(SandboxSpec spec) {
    try {
      waitingStarts.discardIfNeeded();
      return host.start(spec);
    } catch (RuntimeException | Error e) {
      ended(spec);
      throw e;
    }
  }

  /**
   * Waits for a place, as maintenance, and starts a sandbox.
   *
   * @throws SandboxException when it cannot be started or there is no capacity
   */
  Sandbox startWhenPossible(SandboxSpec spec) {
    takePlace(spec);
    return start(spec);
  }

  /**
   * Runs a program in a sandbox of its own, as maintenance, and blocks until it has ended.
   *
   * @throws SandboxException when there is no capacity; otherwise see {@link SandboxHost#run}
   */
  void run(SandboxSpec spec, SandboxHost.Program program) {
    takePlace(spec);
    try {
      waitingStarts.discardIfNeeded();
      host.run(spec, program);
    } finally {
      ended(spec);
    }
  }

  private void takePlace(SandboxSpec spec) {
    while (!tryTake(spec)) {
      try (Reservation _ = reserveForMaintenance(spec)) {
        if (tryTake(spec)) {
          return;
        }
      }
    }
  }

  /** Completes a wake-up in a place that was taken. */
  void wakes() {
    waitingStarts.discardIfNeeded();
  }

  /** Returns whether the sandbox can start or wake up now without the stop of another. */
  boolean hasRoom(SandboxSpec spec) {
    return places.hasRoom(spec);
  }

  /** Releases the capacity that a sandbox does not need while it is asleep. */
  void fellAsleep(SandboxSpec spec, long keptMemoryBytes) {
    places.fellAsleep(spec.appspace(), keptMemoryBytes);
  }

  /** Releases the capacity of a sandbox that has ended. Called once for each start. */
  void ended(SandboxSpec spec) {
    places.ended(spec.appspace());
  }

  /** Creates the leases of a run of the appspace. */
  OpenLeases leases(String appspace) {
    return places.leases(appspace);
  }

  /** Returns a number that is never reused. It identifies a process, from start or wake-up on. */
  long nextGeneration() {
    return generations.incrementAndGet();
  }
}
