package io.dropserver.sandbox;

import io.dropserver.sandbox.egress.EgressPolicy;
import io.dropserver.schema.instance.Limits;
import java.net.UnixDomainSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** One running sandbox. Safe for use by several threads. */
public interface Sandbox {

  SandboxSpec spec();

  /**
   * Where its app serves HTTP/1.1. Names a descriptor that the host holds, never a path inside a
   * folder that the sandbox can write.
   */
  UnixDomainSocketAddress address();

  /**
   * SIGTERM, then after {@code grace} the whole group is killed. Returns when no process, cgroup,
   * mount or socket of it is left. Idempotent.
   */
  void stop(Duration grace);

  /** Stops every process of the group from running, for a consistent copy of its data. */
  void freeze();

  void thaw();

  Usage usage();

  /** Applies other limits to the running processes. */
  void limit(Limits limits);

  /** Lets it reach what the policy says, from now on and nothing else; cuts what is under way. */
  void allow(EgressPolicy policy);

  /** What its app asked for and was refused, each once; bounded. */
  List<Denied> denied();

  /** Completes when the sandbox has ended, for whatever reason, and is cleaned up. */
  CompletionStage<Exit> exit();

  /**
   * What it uses now, or has used since its start.
   *
   * @param memoryBytes now
   * @param cpuNanos processor time used
   * @param throttledNanos in which its threads had work and had used up their share
   * @param processes processes and threads together, now
   * @param ioBytes read from and written to disks
   * @param refusedForks by its limit of processes
   */
  record Usage(
      long memoryBytes,
      long memoryPeakBytes,
      long cpuNanos,
      long throttledNanos,
      int processes,
      long ioBytes,
      long refusedForks) {

    /** Of what does not run or cannot be measured. */
    public static final Usage NONE = new Usage(0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * @param permission such as {@code net} or {@code read}
   * @param value as the app wrote it, shortened; the app's text
   */
  record Denied(String permission, String value, long count, Instant last) {}

  /** Why a sandbox ended. */
  record Exit(Reason reason, int status, String message) {}

  enum Reason {
    STOPPED,
    EXITED,
    OUT_OF_MEMORY,
    KILLED
  }
}
