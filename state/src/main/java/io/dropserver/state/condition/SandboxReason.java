package io.dropserver.state.condition;

/** Reasons why a sandbox cannot be started, failed, or ended. */
public enum SandboxReason implements Reason {
  CRASHED(Retry.RETRY),
  OUT_OF_MEMORY(Retry.RETRY),
  KILLED(Retry.RETRY),

  /** The app did not listen in time. */
  START_TIMEOUT(Retry.RETRY),

  /** The app exited before it responded. */
  APP_FAILED(Retry.RETRY),

  /** The app listened, but did not respond correctly. */
  HEALTH_CHECK_FAILED(Retry.RETRY),

  /** The app replaced its socket by another type of file. */
  NOT_A_SOCKET(Retry.RETRY),

  /** This machine could not start the process. */
  LAUNCH_FAILED(Retry.RETRY),
  CGROUP_FAILED(Retry.RETRY),

  /** This machine lacks a layer of isolation that is required. */
  ISOLATION_UNAVAILABLE(Retry.RETRY),

  /** Deno is missing, or its version is not supported. */
  DENO_UNAVAILABLE(Retry.RETRY),

  /** A program of the app, such as a migration, ended with an error. */
  PROGRAM_FAILED(Retry.RETRY),
  PROGRAM_TIMEOUT(Retry.RETRY),

  /** The processes could not be frozen for a copy of their data. */
  FREEZE_FAILED(Retry.RETRY),
  STOP_FAILED(Retry.RETRY),

  /** The volume cannot be created, mounted or resized. */
  STORAGE_FAILED(Retry.RETRY),

  /** The disk has no room for the volume. The app did not cause this. */
  DISK_FULL(Retry.WAITING),

  /** The server is stopping. */
  SERVER_STOPS(Retry.WAITING),

  /** The maximum number of sandboxes is running. */
  AT_CAPACITY(Retry.WAITING),

  /** The memory limit of the appspace is above that of all sandboxes together. */
  MEMORY_ABOVE_MAXIMUM(Retry.STALLED),

  /** The app failed recently, and the backoff delays its next start. */
  BACKOFF(Retry.WAITING),

  /** The appspace is not declared on this server. */
  NOT_RUNNING(Retry.WAITING);

  private final Retry retry;

  SandboxReason(Retry retry) {
    this.retry = retry;
  }

  @Override
  public Retry retry() {
    return retry;
  }
}
