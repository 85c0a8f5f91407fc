package io.dropserver.state;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.state.ClaimOutcome.ClaimCancelled;
import io.dropserver.state.ClaimOutcome.ClaimOrigin;
import io.dropserver.state.ClaimOutcome.DataAssigned;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * Decides the claims of appspaces for data, those of many threads in one transaction. Thread-safe.
 */
final class DataClaims {
  private final StateFolder state;
  private final DataFolderIndex index;
  private final UidAllocator uidAllocator;
  private final Clock clock;
  private final Lock assignmentLock;

  private final GroupCommit<PendingClaim, ClaimOutcome> requests =
      new GroupCommit<>(this::decideBatch);

  private record PendingClaim(DataClaim claim, BooleanSupplier wanted, Predicate<String> waits) {}

  /**
   * @param assignmentLock is held while claims are decided
   */
  DataClaims(
      StateFolder state,
      DataFolderIndex index,
      UidAllocator uidAllocator,
      Clock clock,
      Lock assignmentLock) {
    this.state = state;
    this.index = index;
    this.uidAllocator = uidAllocator;
    this.clock = clock;
    this.assignmentLock = assignmentLock;
  }

  /** See {@link DataFolders#claim}. */
  ClaimOutcome claim(DataClaim claim, BooleanSupplier wanted, Predicate<String> waits) {
    DataFolder own = index.live().get(claim.appspace());
    if (own != null && claim.matches(own)) {
      return new DataAssigned(own, ClaimOrigin.KEPT);
    }
    return requests.submit(new PendingClaim(claim, wanted, waits));
  }

  /** Decides a batch of claims and applies the changes together. */
  private List<ClaimOutcome> decideBatch(List<PendingClaim> batch) {
    try (var _ = new HeldLock(assignmentLock)) {
      ClaimBatch claims =
          new ClaimBatch(
              index.live(),
              index.retained(),
              index.onDisk(batch.getFirst().waits()),
              uidAllocator,
              Instant.ofEpochMilli(clock.millis()));
      List<ClaimOutcome> outcomes = new ArrayList<>();
      for (PendingClaim pending : batch) {
        outcomes.add(
            pending.wanted().getAsBoolean()
                ? claims.decide(pending.claim())
                : new ClaimCancelled());
      }
      uidAllocator.advanceTo(claims.nextUid());
      index.apply(List.copyOf(claims.assigned()));
      return outcomes;
    } catch (IOException e) {
      throw new StateException("data folders in " + state.data() + " cannot be created: " + e, e);
    }
  }
}
