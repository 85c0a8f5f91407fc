package io.dropserver.reconciler.cli;

/** What a command's exit code means; the same for all commands, and scripts rely on it. */
final class ExitCode {
  /** Done, or no difference. */
  static final int OK = 0;

  /** It did not work, or the input is not valid. */
  static final int ERROR = 1;

  /** There is a difference, or something is still awaited. */
  static final int DIFFERENCE = 2;

  private ExitCode() {}
}
