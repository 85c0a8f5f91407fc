package io.dropserver.sandbox.isolation;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.sandbox.SandboxException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A pool of shells that wait for their {@link LaunchCommand}, which shortens cold starts. Entering
 * a cgroup waits for a grace period of the kernel (10 to 20 ms), and starting a process from Java
 * and creating a network namespace take 3 ms each.
 *
 * <p>Thread-safe.
 */
public final class LauncherPool implements AutoCloseable {
  private final Launcher launcher;
  private final Supplier<Optional<Cgroup>> cgroups;
  private final int capacity;
  private final ReentrantLock filling = new ReentrantLock();

  // guarded by this, as are all fields below
  private final Queue<PooledLauncher> waiting = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param cgroups creates a new cgroup for each shell, with initial limits
   * @param kept the maximum number of waiting shells
   */
  public LauncherPool(Launcher launcher, Supplier<Optional<Cgroup>> cgroups, int kept) {
    this.launcher = launcher;
    this.cgroups = cgroups;
    this.capacity = kept;
  }

  /** Removes a shell from the pool, or creates one if the pool is empty. */
  public PooledLauncher take() {
    return poll().orElseGet(this::create);
  }

  private synchronized Optional<PooledLauncher> poll() {
    while (!waiting.isEmpty()) {
      PooledLauncher shell = waiting.remove();
      if (shell.isAlive()) {
        return Optional.of(shell);
      }
      shell.close();
    }
    return Optional.empty();
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /**
   * Refills the pool in the background. {@link #take} does not do this, because it would compete
   * with the start for which the shell was taken.
   */
  public void refill() {
    var _ = Thread.ofVirtual().name("spare-shells").start(this::fill);
  }

  private void fill() {
    try (var _ = new HeldLock(filling)) {
      while (isMissing()) {
        add(create());
      }
    } catch (SandboxException refused) {
      // The next call of take creates a shell, and throws the exception.
    }
  }

  private synchronized boolean isMissing() {
    return !closed && waiting.size() < capacity;
  }

  private synchronized void add(PooledLauncher shell) {
    waiting.add(shell);
  }

  /** Creates a shell that does not belong to the pool, for work that no request waits for. */
  public PooledLauncher create() {
    Optional<Cgroup> cgroup = cgroups.get();
    try {
      return launcher.prepare(cgroup);
    } catch (SandboxException refused) {
      cgroup.ifPresent(Cgroup::close);
      throw refused;
    }
  }

  /** Ends the waiting shells. Call it before closing the launcher. */
  @Override
  public void close() {
    refuse();
    // Waits for a fill in progress, whose shell is then in the queue.
    try (var _ = new HeldLock(filling)) {
      drain().forEach(PooledLauncher::close);
    }
  }

  private synchronized void refuse() {
    closed = true;
  }

  private synchronized List<PooledLauncher> drain() {
    List<PooledLauncher> left = List.copyOf(waiting);
    waiting.clear();
    return left;
  }
}
