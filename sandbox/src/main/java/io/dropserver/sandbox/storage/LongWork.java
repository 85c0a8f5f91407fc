package io.dropserver.sandbox.storage;

import io.dropserver.schema.status.SandboxReason;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * What takes long where there are very many files. It is cut short when the server stops, and dies
 * with it when it is killed: none of it is needed by the next one. Safe for use by several threads.
 */
final class LongWork {
  private final Set<Process> running = ConcurrentHashMap.newKeySet();
  private final String id = UUID.randomUUID().toString();
  private volatile boolean stopped;

  /** Of this run of the server, and of no other. */
  String id() {
    return id;
  }

  /**
   * @throws StorageException when it fails, or with {@link SandboxReason#SERVER_STOPS}
   */
  void run(String... command) {
    // The signal comes when the thread ends that started it: this one waits for it.
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
    requireWanted();
    Process process = Command.start(command);
    running.add(process);
    try {
      if (stopped) {
        process.destroyForcibly();
      }
      Command.Finished finished = Command.finish(process, command[0]);
      requireWanted();
      Command.requireDone(finished, command);
    } finally {
      running.remove(process);
    }
  }

  /**
   * Asked between two files.
   *
   * @throws StorageException with {@link SandboxReason#SERVER_STOPS}
   */
  void requireWanted() {
    if (stopped) {
      throw StorageException.serverStops();
    }
  }

  /** Ends what runs; whatever begins later ends at once. */
  void stop() {
    stopped = true;
    running.forEach(Process::destroyForcibly);
  }
}
