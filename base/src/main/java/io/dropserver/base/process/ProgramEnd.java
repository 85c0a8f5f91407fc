package io.dropserver.base.process;

/**
 * How a program ended.
 *
 * @param status its exit status; 128 and the signal if it was killed
 * @param output the captured part of its standard output; empty without a capture
 * @param errors the end of its standard error
 */
public record ProgramEnd(Cause cause, int status, String output, String errors) {
  /** Why the program ended. */
  public enum Cause {
    /** It exited, and all that it wrote was read. */
    EXITED,
    /** It exited. Its output was not at its end one second later, so a part may be missing. */
    OUTPUT_LEFT_OPEN,
    /** It was killed because the reader of its output needs no more. */
    OUTPUT_SUFFICIENT,
    /** It was killed because of its timeout. */
    TIMED_OUT,
    /** It was killed because its caller no longer needs it. */
    CANCELLED
  }

  /** Returns whether it exited with status 0 and its whole output was read. */
  public boolean succeeded() {
    return cause == Cause.EXITED && status == 0;
  }

  /** Returns what it wrote, the errors first. */
  public String text() {
    return errors + output;
  }
}
