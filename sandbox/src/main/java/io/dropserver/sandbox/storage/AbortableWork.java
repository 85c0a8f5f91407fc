package io.dropserver.sandbox.storage;

import io.dropserver.base.process.ProgramEnd;
import io.dropserver.state.condition.SandboxReason;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Runs operations that take long for folders with very many files. They are aborted when the server
 * stops, and die with it when it is killed, because the next server does not need their results.
 * Thread-safe.
 */
final class AbortableWork {
  private final String id = UUID.randomUUID().toString();
  private final CompletableFuture<Void> stopped = new CompletableFuture<>();

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
    requireRunning();
    ProgramEnd end =
        Command.run(Command.program(command).until(stopped).endWithServer(), command[0]);
    requireRunning();
    Command.requireSuccess(end, command);
  }

  /**
   * Throws if the server stops. Call this between files.
   *
   * @throws StorageException with {@link SandboxReason#SERVER_STOPS}
   */
  void requireRunning() {
    if (stopped.isDone()) {
      throw StorageException.serverStops();
    }
  }

  /** Aborts running operations. Later operations abort immediately. */
  void stop() {
    stopped.complete(null);
  }
}
