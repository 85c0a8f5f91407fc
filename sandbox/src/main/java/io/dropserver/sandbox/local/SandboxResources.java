package io.dropserver.sandbox.local;

import io.dropserver.base.concurrent.Threads;
import io.dropserver.base.linux.Signals;
import io.dropserver.sandbox.isolation.Cgroup;
import io.dropserver.sandbox.linux.Mounts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host resources of a sandbox, added as the start proceeds. */
final class SandboxResources {
  private final Path folder;
  final List<Thread> logs = new ArrayList<>();
  @Nullable AutoCloseable egress;
  @Nullable Cgroup cgroup;
  @Nullable Process process;

  private boolean removed; // guarded by this

  /** Sends SIGTERM to the app. */
  Runnable termination = () -> {};

  /** Runs when nothing is left of the sandbox. */
  Runnable removal = () -> {};

  SandboxResources(Path folder) {
    this.folder = folder;
  }

  /** Kills all processes. */
  synchronized void kill() {
    if (removed) {
      return;
    }
    if (process != null) {
      // Not Process.destroyForcibly(), which closes the outputs and loses the app's last output.
      if (cgroup == null) {
        var _ = Signals.killTree(process.toHandle());
      } else {
        process.toHandle().destroyForcibly();
      }
    }
    if (cgroup != null) {
      // processes in the idle scheduling class get little CPU time to exit
      cgroup.yieldCpu(false);
      cgroup.kill();
    }
  }

  /** Must not run while another thread kills the group, because its files disappear. */
  private synchronized void closeCgroup() {
    removed = true;
    if (cgroup != null) {
      cgroup.close();
    }
  }

  /**
   * Kills all processes, removes all resources, and blocks until the app's output has been read
   * completely.
   */
  void remove() {
    kill();
    logs.forEach(Threads::joinUninterruptibly);
    closeCgroup();
    closeEgress();
    Mounts.detach(folder);
    SandboxFolders.delete(folder);
    removal.run();
  }

  private void closeEgress() {
    try {
      if (egress != null) {
        egress.close();
      }
    } catch (Exception ignored) {
      // The sandbox has ended, so the listener is no longer in use.
    }
  }
}
