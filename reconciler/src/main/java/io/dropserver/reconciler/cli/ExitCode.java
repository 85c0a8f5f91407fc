package io.dropserver.reconciler.cli;

/** The exit codes of all commands; scripts rely on them. */
final class ExitCode {
  /** Success, or no difference. */
  static final int OK = 0;

  /** Failure, or invalid input. */
  static final int ERROR = 1;

  /** There is a difference, or an operation is still pending. */
  static final int DIFFERENCE = 2;

  private ExitCode() {}
}
