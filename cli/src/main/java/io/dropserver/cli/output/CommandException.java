package io.dropserver.cli.output;

/** Ends a command with exit code 1 and prints an error message and a remedy. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String remedy;

  /**
   * @param message names the object and the problem
   * @param remedy what the user can do
   */
  public CommandException(String message, String remedy) {
    super(message);
    this.remedy = remedy;
  }

  public CommandException(String message, String remedy, Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  public String remedy() {
    return remedy;
  }
}
