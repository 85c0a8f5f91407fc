package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.state.condition.BackupReason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A backup whose restic process has started but reads no files yet. restic needs half a second to
 * derive the key of a repository. Meanwhile the caller updates the mirror that restic will read.
 * Not thread-safe.
 */
public final class PendingBackup implements AutoCloseable {
  private static final long MAX_WAIT_MILLIS = 50;

  private final FifoGate fifoGate;
  private final Thread thread;
  private final CompletableFuture<String> snapshot = new CompletableFuture<>();

  /**
   * @param restic runs restic to its end; restic first waits at the gate, and an interrupt stops it
   */
  PendingBackup(FifoGate fifoGate, Supplier<String> restic) {
    this.fifoGate = fifoGate;
    this.thread = Thread.ofVirtual().name("restic-backup").start(() -> run(restic));
  }

  private void run(Supplier<String> restic) {
    try {
      snapshot.complete(restic.get());
    } catch (RuntimeException | Error e) {
      snapshot.completeExceptionally(e);
    }
  }

  /**
   * Backs up the current content of the folder.
   *
   * @return the id of the snapshot
   * @throws BackupException also if restic failed before it passed the gate
   */
  public String store() {
    try {
      for (long wait = 1; ; wait = Math.min(2 * wait, MAX_WAIT_MILLIS)) {
        // Repeat this: restic may not have reached the gate yet, or it is started again because the
        // repository was locked.
        fifoGate.open();
        try {
          return snapshot.get(wait, TimeUnit.MILLISECONDS);
        } catch (TimeoutException atWork) {
          // restic is working, or has not reached the gate yet.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(
          BackupReason.INTERRUPTED, "the backup was stopped before it finished", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  /**
   * Aborts the backup if {@link #store} was not called. Blocks until restic reads no more files.
   */
  @Override
  public void close() {
    thread.interrupt();
    var _ = snapshot.handle((id, failure) -> id).join();
    fifoGate.close();
  }
}
