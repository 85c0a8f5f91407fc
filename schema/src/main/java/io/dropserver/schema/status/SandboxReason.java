package io.dropserver.schema.status;

/** Reasons why a sandbox cannot be started, failed, or ended. */
public enum SandboxReason implements Reason {
  CRASHED("Crashed", Retry.RETRY),
  OUT_OF_MEMORY("OutOfMemory", Retry.RETRY),
  KILLED("Killed", Retry.RETRY),

  /** The app did not listen in time. */
  START_TIMEOUT("StartTimeout", Retry.RETRY),

  /** The app exited before it responded. */
  APP_FAILED("AppFailed", Retry.RETRY),

  /** The app listened, but did not respond correctly. */
  HEALTH_CHECK_FAILED("HealthCheckFailed", Retry.RETRY),

  /** The app replaced its socket by another type of file. */
  NOT_A_SOCKET("NotASocket", Retry.RETRY),

  /** This machine could not start the process. */
  LAUNCH_FAILED("LaunchFailed", Retry.RETRY),
  CGROUP_FAILED("CgroupFailed", Retry.RETRY),

  /** This machine lacks a layer of isolation that is required. */
  ISOLATION_UNAVAILABLE("IsolationUnavailable", Retry.RETRY),

  /** Deno is missing, or its version is not supported. */
  DENO_UNAVAILABLE("DenoUnavailable", Retry.RETRY),

  /** A program of the app, such as a migration, ended with an error. */
  PROGRAM_FAILED("ProgramFailed", Retry.RETRY),
  PROGRAM_TIMEOUT("ProgramTimeout", Retry.RETRY),

  /** The processes could not be frozen for a copy of their data. */
  FREEZE_FAILED("FreezeFailed", Retry.RETRY),
  STOP_FAILED("StopFailed", Retry.RETRY),

  /** The volume cannot be created, mounted or resized. */
  STORAGE_FAILED("StorageFailed", Retry.RETRY),

  /** The disk has no room for the volume. The app did not cause this. */
  DISK_FULL("DiskFull", Retry.WAITING),

  /** The server is stopping. */
  SERVER_STOPS("ServerStops", Retry.WAITING),

  /** The maximum number of sandboxes is running. */
  AT_CAPACITY("AtCapacity", Retry.WAITING),

  /** The app failed recently, and the backoff delays its next start. */
  BACKOFF("Backoff", Retry.WAITING),

  /** The appspace is not declared on this server. */
  NOT_RUNNING("NotRunning", Retry.WAITING);

  private final String text;
  private final Retry retry;

  SandboxReason(String text, Retry retry) {
    this.text = text;
    this.retry = retry;
  }

  @Override
  public String text() {
    return text;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
