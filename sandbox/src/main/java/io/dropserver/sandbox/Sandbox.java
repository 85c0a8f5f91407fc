package io.dropserver.sandbox;

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

  /** What its app asked for and was refused, each once; bounded. */
  List<Denied> denied();

  /** Completes when the sandbox has ended, for whatever reason, and is cleaned up. */
  CompletionStage<Exit> exit();

  /**
   * @param cpuNanos processor time used since the start
   * @param memoryBytes now
   */
  record Usage(long memoryBytes, long memoryPeakBytes, long cpuNanos, int processes) {}

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
