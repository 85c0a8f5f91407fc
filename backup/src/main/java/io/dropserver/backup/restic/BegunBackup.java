package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.schema.status.BackupReason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * A backup whose restic has started, and reads no file yet. To derive a repository's key takes it
 * half a second: as long as it takes to bring the copy up to date that it is to read. Used by one
 * thread.
 */
public final class BegunBackup implements AutoCloseable {
  private static final long MOST_MILLIS = 50;

  private final Gate gate;
  private final Thread thread;
  private final CompletableFuture<String> snapshot = new CompletableFuture<>();

  /**
   * @param restic runs it to its end, and waits at the gate meanwhile; an interrupt ends it
   */
  BegunBackup(Gate gate, Supplier<String> restic) {
    this.gate = gate;
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
   * Backs up what the folder holds now.
   *
   * @return the id of the snapshot
   * @throws BackupException also when restic failed before it was let through
   */
  public String store() {
    try {
      for (long wait = 1; ; wait = Math.min(2 * wait, MOST_MILLIS)) {
        // Once is not enough: it may not be there yet, or start a second time after a lock.
        gate.letThrough();
        try {
          return snapshot.get(wait, TimeUnit.MILLISECONDS);
        } catch (TimeoutException atWork) {
          // It is at work, or on its way to the gate.
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackupException(BackupReason.INTERRUPTED, "stopped before it was done", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException failure
          ? failure
          : new IllegalStateException(e.getCause());
    }
  }

  /** Ends it where it was not let through; returns when it reads nothing any more. */
  @Override
  public void close() {
    thread.interrupt();
    var _ = snapshot.handle((id, failure) -> id).join();
    gate.close();
  }
}
