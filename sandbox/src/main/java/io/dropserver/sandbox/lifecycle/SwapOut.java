package io.dropserver.sandbox.lifecycle;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.SandboxHost;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the memory of sleeping sandboxes to the machine's swap, of one sandbox at a time. Each is
 * offered once after it has fallen asleep, and each appspace once in ten minutes. Thread-safe.
 */
final class SwapOut {
  private static final Logger LOG = LoggerFactory.getLogger(SwapOut.class);

  private final SandboxHost host;
  private final boolean wanted;
  private final AtomicBoolean busy = new AtomicBoolean();

  /**
   * @param wanted whether the operator permits that memory of apps reaches the disk
   */
  SwapOut(SandboxHost host, boolean wanted) {
    this.host = host;
    this.wanted = wanted;
  }

  /**
   * Starts a thread that moves memory of sleeping sandboxes to swap, if there is any that was not
   * offered, and the machine can do it. Does nothing while such a thread runs.
   */
  void refresh(Collection<AppspaceSandbox> appspaces) {
    if (!wanted) {
      return;
    }
    List<IdleSandbox> sleeping =
        appspaces.stream()
            .map(AppspaceSandbox::idle)
            .filter(idle -> idle.unswapped().isPresent())
            .toList();
    if (!sleeping.isEmpty() && host.swapObstacle().isEmpty() && busy.compareAndSet(false, true)) {
      try {
        // A platform thread, because the kernel may write to a slow disk during one system call.
        var _ = Thread.ofPlatform().daemon().name("sandbox-swap").start(() -> swapOut(sleeping));
      } catch (OutOfMemoryError noThread) {
        busy.set(false);
        LOG.warn("no memory was moved to swap: {}", noThread.getMessage());
      }
    }
  }

  private void swapOut(List<IdleSandbox> sleeping) {
    try {
      sleeping.forEach(SwapOut::swapOut);
    } finally {
      busy.set(false);
    }
  }

  private static void swapOut(IdleSandbox idle) {
    try {
      idle.swapOut();
    } catch (SandboxException ended) {
      LOG.debug("the memory of a sleeping sandbox was not moved to swap", ended);
    } catch (RuntimeException unexpected) {
      LOG.warn("the memory of a sleeping sandbox was not moved to swap", unexpected);
    }
  }
}
