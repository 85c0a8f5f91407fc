package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/**
 * A mount namespace in which all users can reach certain folders. A parked thread keeps it alive
 * until {@link #close}; processes enter it with nsenter(1). The thread must not start or wake
 * another thread: a new thread, such as a carrier of virtual threads, inherits the namespaces of
 * its creator. Thread-safe.
 */
final class FolderView implements AutoCloseable {
  private final Thread thread;
  private final Path namespace;

  /**
   * Creates a view. Blocks until the folders are reachable. Call it on a platform thread, which can
   * be woken without starting a carrier.
   *
   * @param folders absolute, existing
   * @return empty if all users can already reach the folders
   * @throws SandboxException reason {@code IsolationUnavailable} when the kernel refuses
   */
  static Optional<FolderView> open(List<Path> folders) {
    boolean reachable =
        folders.stream().allMatch(folder -> MountNamespace.closedParent(folder).isEmpty());
    return reachable ? Optional.empty() : Optional.of(new FolderView(folders));
  }

  private FolderView(List<Path> folders) {
    CompletableFuture<Path> entered = new CompletableFuture<>();
    thread =
        Thread.ofPlatform().daemon().name("sandbox-folders").start(() -> run(folders, entered));
    namespace = joined(entered);
  }

  /**
   * Returns the value of a future once it is complete.
   *
   * @throws SandboxException if the future ended with one
   */
  static <T> T joined(CompletableFuture<T> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof SandboxException refused) {
        throw refused;
      }
      throw e;
    }
  }

  /** Returns the path of the namespace below {@code /proc}. */
  Path namespace() {
    return namespace;
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private static void run(List<Path> folders, CompletableFuture<Path> entered) {
    try {
      load(SandboxException.class, SandboxReason.class, CompletionException.class);
      Path self = Path.of("/proc").resolve(Files.readSymbolicLink(Path.of("/proc/thread-self")));
      MountNamespace.enter(folders);
      entered.complete(self.resolve("ns/mnt"));
    } catch (IOException | RuntimeException | Error e) {
      entered.completeExceptionally(e);
      return;
    }
    while (!Thread.interrupted()) {
      LockSupport.park();
    }
  }

  /**
   * Initialises the classes while their folder is still visible. Later it may be covered by a
   * mount.
   */
  private static void load(Class<?>... types) {
    for (Class<?> type : types) {
      try {
        MethodHandles.lookup().ensureInitialized(type);
      } catch (IllegalAccessException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }
}
