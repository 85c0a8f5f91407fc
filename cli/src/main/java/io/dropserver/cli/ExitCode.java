package io.dropserver.cli;

/** The exit codes of all commands; scripts rely on them. */
final class ExitCode {
  /** The command succeeded, or found no difference. */
  static final int OK = 0;

  /** The command failed, or its input is invalid. */
  static final int ERROR = 1;

  /** The command found a difference, or an operation is still pending. */
  static final int DIFFERENCE = 2;

  /** The revision is in service, but an object of it is not ready. */
  static final int NOT_READY = 3;

  private ExitCode() {}
}
