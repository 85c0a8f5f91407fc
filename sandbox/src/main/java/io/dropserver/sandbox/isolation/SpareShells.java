package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A few shells that wait for their launch line, so that a cold start does not: entering a cgroup
 * waits for a grace period of the kernel (10 to 20 ms), a process of Java's takes 3 ms, a network
 * namespace as long.
 *
 * <p>Safe for use by several threads.
 */
public final class SpareShells implements AutoCloseable {
  private final Launcher launcher;
  private final Supplier<Optional<Cgroup>> cgroups;
  private final int kept;
  private final ReentrantLock filling = new ReentrantLock();

  // guarded by this
  private final Queue<WaitingShell> waiting = new ArrayDeque<>();
  private boolean closed;

  /**
   * @param cgroups makes a new one each time, whose limits hold until others are set
   * @param kept how many wait
   */
  public SpareShells(Launcher launcher, Supplier<Optional<Cgroup>> cgroups, int kept) {
    this.launcher = launcher;
    this.cgroups = cgroups;
    this.kept = kept;
  }

  /** The caller's alone from now on; made at once when none waits. */
  public WaitingShell take() {
    return ready().orElseGet(this::prepare);
  }

  private synchronized Optional<WaitingShell> ready() {
    while (!waiting.isEmpty()) {
      WaitingShell shell = waiting.remove();
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
   * Makes what is missing, in the background. Not done by {@link #take}: it would compete with the
   * start that took.
   */
  public void refill() {
    var _ = Thread.ofVirtual().name("spare-shells").start(this::fill);
  }

  private void fill() {
    filling.lock();
    try {
      while (isMissing()) {
        add(prepare());
      }
    } catch (SandboxException refused) {
      // The next start makes one itself, and says what is wrong.
    } finally {
      filling.unlock();
    }
  }

  private synchronized boolean isMissing() {
    return !closed && waiting.size() < kept;
  }

  private synchronized void add(WaitingShell shell) {
    waiting.add(shell);
  }

  private WaitingShell prepare() {
    Optional<Cgroup> cgroup = cgroups.get();
    try {
      return launcher.prepare(cgroup);
    } catch (SandboxException refused) {
      cgroup.ifPresent(Cgroup::close);
      throw refused;
    }
  }

  /** Ends those that wait; to be called before the launcher is closed. */
  @Override
  public void close() {
    refuse();
    // One that is just being made is added before this returns from it.
    filling.lock();
    try {
      drain().forEach(WaitingShell::close);
    } finally {
      filling.unlock();
    }
  }

  private synchronized void refuse() {
    closed = true;
  }

  private synchronized List<WaitingShell> drain() {
    List<WaitingShell> left = List.copyOf(waiting);
    waiting.clear();
    return left;
  }
}
