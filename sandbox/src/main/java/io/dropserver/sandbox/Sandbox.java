package io.dropserver.sandbox;

import io.dropserver.egress.EgressPolicy;
import io.dropserver.schema.instance.Limits;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** A running sandbox. Thread-safe. */
public interface Sandbox {

  SandboxSpec spec();

  /**
   * Returns the socket on which the app serves HTTP/1.1. The address names a file descriptor of the
   * host, never a path inside a folder that the sandbox can write.
   */
  UnixDomainSocketAddress address();

  /**
   * Sends SIGTERM, and kills all processes of the sandbox after {@code grace}. Blocks until no
   * process, cgroup, mount or socket of the sandbox is left. Idempotent.
   */
  void stop(Duration grace);

  /** Suspends every process of the sandbox. None gets processor time until {@link #thaw}. */
  void freeze();

  void thaw();

  Usage usage();

  /** Applies new limits to the running processes. */
  void applyLimits(Limits limits);

  /**
   * Replaces the egress policy, effective immediately. Ends requests in progress that the new
   * policy does not allow.
   */
  void applyEgress(EgressPolicy policy);

  /** Completes when the sandbox has ended, for any reason, and its resources have been removed. */
  CompletionStage<Exit> exit();

  /**
   * Resources that the sandbox uses now or has used since its start.
   *
   * @param memoryBytes memory in use now
   * @param cpuNanos CPU time used since the start
   * @param throttledNanos time in which threads were runnable but the CPU quota was used up
   * @param processes processes and threads together, now
   * @param ioBytes read from and written to disks
   * @param refusedForks forks refused because of the process limit
   */
  record Usage(
      long memoryBytes,
      long memoryPeakBytes,
      long cpuNanos,
      long throttledNanos,
      int processes,
      long ioBytes,
      long refusedForks) {

    /** The usage of a sandbox that does not run or cannot be measured. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0);
  }

  /** Why a sandbox ended. */
  record Exit(Reason reason, int status, String message) {}

  enum Reason {
    STOPPED,
    EXITED,
    OUT_OF_MEMORY,
    KILLED
  }
}
