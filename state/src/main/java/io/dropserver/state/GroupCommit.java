package io.dropserver.state;

import io.dropserver.base.concurrent.HeldLock;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Implements group commit: items that arrive while a batch is being written are written together in
 * the next batch. There is no dedicated thread; the first caller writes the items of all waiting
 * callers. Thread-safe.
 */
public final class GroupCommit<Q, R> {
  private static final int BATCH = 2_000;

  private final Function<List<Q>, List<R>> writer;
  private final Queue<PendingWrite<Q, R>> waiting = new ConcurrentLinkedQueue<>();

  /** A lock that the caller holds while it writes a batch. */
  private final ReentrantLock writing = new ReentrantLock();

  /**
   * @param writer writes a batch, all or nothing, and returns one result per item in order; if a
   *     batch fails, it is called again for each item, so that one bad item fails alone
   */
  public GroupCommit(Function<List<Q>, List<R>> writer) {
    this.writer = writer;
  }

  /** Blocks until the item has been written, or throws the writer's exception for it. */
  public R submit(Q item) {
    if (writing.isHeldByCurrentThread()) {
      throw new IllegalStateException("a write inside a write would wait for itself");
    }
    PendingWrite<Q, R> pendingWrite = new PendingWrite<>(item);
    waiting.add(pendingWrite);
    try (var _ = new HeldLock(writing)) {
      while (pendingWrite.outcome == null) {
        writeNextBatch();
      }
    }
    return Objects.requireNonNull(pendingWrite.outcome).get();
  }

  private void writeNextBatch() {
    List<PendingWrite<Q, R>> batch = new ArrayList<>();
    PendingWrite<Q, R> next = waiting.poll();
    while (next != null) {
      batch.add(next);
      next = batch.size() < BATCH ? waiting.poll() : null;
    }
    write(batch);
  }

  private void write(List<PendingWrite<Q, R>> batch) {
    try {
      List<R> results = writer.apply(batch.stream().map(e -> e.item).toList());
      for (int i = 0; i < batch.size(); i++) {
        R result = results.get(i);
        batch.get(i).outcome = () -> result;
      }
    } catch (RuntimeException | Error failure) {
      if (batch.size() > 1) {
        batch.forEach(each -> write(List.of(each)));
      } else {
        batch.getFirst().outcome =
            () -> {
              throw failure;
            };
      }
    }
  }

  private static final class PendingWrite<Q, R> {
    final Q item;

    /** Returns the result, or throws the writer's exception. Guarded by {@link #writing}. */
    @Nullable Supplier<R> outcome;

    PendingWrite(Q item) {
      this.item = item;
    }
  }
}
