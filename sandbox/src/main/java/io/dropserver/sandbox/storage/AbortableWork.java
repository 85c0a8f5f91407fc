package io.dropserver.sandbox.storage;

import io.dropserver.schema.status.SandboxReason;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Runs operations that take long for folders with very many files. They are aborted when the server
 * stops, and die with it when it is killed, because the next server does not need their results.
 * Thread-safe.
 */
final class AbortableWork {
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private final String id = UUID.randomUUID().toString();
  private volatile boolean stopped;

  /** Returns an id that is unique to this run of the server. */
  String id() {
    return id;
  }

  /**
   * Runs a program and waits for its end.
   *
   * @throws StorageException when the command fails, or with {@link SandboxReason#SERVER_STOPS}
   */
  void run(String... command) {
    // The kernel sends the signal when the thread that started the process ends. So that thread
    // waits for the process.
    String[] bound =
        Stream.concat(Stream.of("setpriv", "--pdeathsig", "KILL"), Stream.of(command))
            .toArray(String[]::new);
    try {
      CompletableFuture.runAsync(
              () -> finish(bound),
              task -> Thread.ofPlatform().daemon().name("volume-work").start(task))
          .join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof StorageException failure ? failure : e;
    }
  }

  private void finish(String... command) {
    requireRunning();
    Process process = Command.start(command);
    running.add(process);
    try {
      if (stopped) {
        process.destroyForcibly();
      }
      Command.Finished finished = Command.finish(process, command[0]);
      requireRunning();
      Command.requireSuccess(finished, command);
    } finally {
      running.remove(process);
    }
  }

  /**
   * Throws if the server stops. Call this between files.
   *
   * @throws StorageException with {@link SandboxReason#SERVER_STOPS}
   */
  void requireRunning() {
    if (stopped) {
      throw StorageException.serverStops();
    }
  }

  /** Aborts running operations. Later operations abort immediately. */
  void stop() {
    stopped = true;
    running.forEach(Process::destroyForcibly);
  }
}
