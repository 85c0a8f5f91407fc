package io.dropserver.cli.output;

/** The exit codes of all commands; scripts rely on them. */
public final class ExitCode {
  /** The command succeeded, or found no difference. */
  public static final int OK = 0;

  /** The command failed, or its input is invalid. */
  public static final int ERROR = 1;

  /** The command found a difference, or an operation is still pending. */
  public static final int DIFFERENCE = 2;

  /** The revision is in service, but an object of it is not ready. */
  public static final int NOT_READY = 3;

  private ExitCode() {}
}
