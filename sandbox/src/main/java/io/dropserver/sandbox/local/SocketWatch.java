package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Detects new files in a sandbox's own folder with inotify(7). All sandboxes share one instance,
 * because closing an inotify instance waits for a grace period of the kernel, which would add 10 to
 * 20 ms to each start.
 *
 * <p>Thread-safe.
 */
final class SocketWatch implements AutoCloseable {
  private final WatchService watch;

  // guarded by this; a key is registered and added in one step, so that no event misses its future
  private final Map<WatchKey, CompletableFuture<Void>> awaited = new HashMap<>();

  private SocketWatch(WatchService watch) {
    this.watch = watch;
  }

  /**
   * @throws SandboxException when this user may not have another inotify instance
   */
  static SocketWatch open() {
    try {
      SocketWatch opened = new SocketWatch(FileSystems.getDefault().newWatchService());
      var _ = Thread.ofVirtual().name("socket-watch").start(opened::run);
      return opened;
    } catch (IOException e) {
      throw new SandboxException(
          SandboxReason.LAUNCH_FAILED,
          "cannot watch folders: " + e + "; raise sysctl fs.inotify.max_user_instances",
          e);
    }
  }

  /**
   * The first new file in one folder. Ends with {@link #close}.
   *
   * @param created completes when the file exists
   */
  record FileCreation(CompletableFuture<Void> created, Runnable end) implements AutoCloseable {
    @Override
    public void close() {
      end.run();
    }
  }

  /** Starts watching. The folder must exist. */
  synchronized FileCreation register(Path folder) throws IOException {
    WatchKey key = folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    CompletableFuture<Void> happened = new CompletableFuture<>();
    awaited.put(key, happened);
    return new FileCreation(happened, () -> forget(key));
  }

  private synchronized void forget(WatchKey key) {
    awaited.remove(key);
    key.cancel();
  }

  private synchronized void notifyCreated(WatchKey key) {
    CompletableFuture<Void> happened = awaited.get(key);
    if (happened != null) {
      happened.complete(null);
    }
  }

  private void run() {
    try {
      while (true) {
        WatchKey key = watch.take();
        if (!key.pollEvents().isEmpty()) {
          notifyCreated(key);
        }
        // The key is not reset, because only the first file matters.
      }
    } catch (ClosedWatchServiceException closed) {
      // The host was closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    try {
      watch.close();
    } catch (IOException e) {
      throw new SandboxException(SandboxReason.STOP_FAILED, "cannot stop watching: " + e, e);
    }
  }
}
