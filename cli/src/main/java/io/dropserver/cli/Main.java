package io.dropserver.cli;

import io.dropserver.cli.output.Terminal;

/** The entry point of {@code bin/dropserver}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    int exitCode = Commands.forTerminal(Terminal.ofProcess(), arguments).execute(arguments);
    System.exit(exitCode);
  }
}
