package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Waits for a sandbox's socket. The kernel tells when the name appears (inotify(7)); between the
 * app's bind and its listen lie microseconds, in which connecting is tried again.
 */
final class Readiness implements AutoCloseable {
  /** How soon the end of a process that never listened is noticed. */
  private static final long EXIT_CHECK_MILLIS = 20;

  private static final long RETRY_MILLIS = 1;

  private final Path socket;
  private final WatchService watch;

  private Readiness(Path socket, WatchService watch) {
    this.socket = socket;
    this.watch = watch;
  }

  /** Watches from now on; the folder must exist. */
  static Readiness of(Path socket) throws IOException {
    Path folder = socket.toAbsolutePath().getParent();
    if (folder == null) {
      throw new IllegalArgumentException("no folder: " + socket);
    }
    WatchService watch = folder.getFileSystem().newWatchService();
    var _ = folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    return new Readiness(socket, watch);
  }

  /** Returns when the name exists. */
  void awaitSocket(Process process, Duration timeout) throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      requireAlive(process, deadline);
      var key = watch.poll(EXIT_CHECK_MILLIS, TimeUnit.MILLISECONDS);
      if (key != null) {
        key.pollEvents().clear();
        var _ = key.reset();
      }
    }
  }

  /** Returns when the app accepts connections. */
  static void awaitListening(UnixDomainSocketAddress address, Process process, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!connects(address)) {
      requireAlive(process, deadline);
      TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
    }
  }

  private static boolean connects(UnixDomainSocketAddress address) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(address);
    } catch (IOException refused) {
      return false;
    }
  }

  private static void requireAlive(Process process, long deadline) {
    if (!process.isAlive()) {
      throw new SandboxException("AppFailed", "the app ended before it answered");
    }
    if (System.nanoTime() > deadline) {
      throw new SandboxException("StartTimeout", "the app did not listen in time");
    }
  }

  @Override
  public void close() throws IOException {
    watch.close();
  }
}
