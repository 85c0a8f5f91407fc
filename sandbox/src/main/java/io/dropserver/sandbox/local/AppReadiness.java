package io.dropserver.sandbox.local;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits until an app accepts connections. inotify(7) reports when the app's socket appears. A few
 * microseconds pass between the app's bind and its listen, so connecting is retried.
 */
final class AppReadiness {
  private static final long RETRY_MILLIS = 1;

  private AppReadiness() {}

  /** Blocks until the socket's name exists. */
  static void awaitSocket(SocketWatch.FileCreation socket, Process process, Duration timeout)
      throws InterruptedException {
    try {
      var _ =
          CompletableFuture.anyOf(socket.created(), process.onExit())
              .get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException late) {
      throw new SandboxException(
          SandboxReason.START_TIMEOUT, "the app did not listen in time", late);
    }
    if (!socket.created().isDone()) {
      throw new SandboxException(SandboxReason.APP_FAILED, "the app ended before it answered");
    }
  }

  /** Blocks until the app accepts connections. */
  static void awaitListening(UnixDomainSocketAddress address, Process process, Duration timeout)
      throws InterruptedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!connects(address)) {
      if (!process.isAlive()) {
        throw new SandboxException(SandboxReason.APP_FAILED, "the app ended before it answered");
      }
      if (System.nanoTime() > deadline) {
        throw new SandboxException(SandboxReason.START_TIMEOUT, "the app did not listen in time");
      }
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
}
