package io.dropserver.cli.output;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * The output streams of a command. Data goes to {@code out}; progress, hints and errors go to
 * {@code err}, so that a pipe contains only data.
 *
 * @param out data
 * @param err messages for the user
 * @param environment variables of the process
 * @param interactive whether {@code out} is a terminal
 */
public record Terminal(
    PrintStream out, PrintStream err, Map<String, String> environment, boolean interactive) {

  /**
   * Set by the start script, because the JVM reports only whether both input and output are
   * terminals.
   */
  private static final String TERMINAL_PROPERTY = "dropserver.terminal";

  public static Terminal ofProcess() {
    return new Terminal(
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        System.getenv(),
        Boolean.getBoolean(TERMINAL_PROPERTY));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /**
   * Returns whether to print colors: only on a terminal, and only if the user has not disabled them
   * (no-color.org).
   */
  public boolean colour() {
    return interactive
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  public String paint(Colour colour, String text) {
    return colour() ? colour.code + text + Colour.RESET : text;
  }

  /**
   * Prints a line of data with its time.
   *
   * @param text must already be safe to print
   */
  public void printLine(Instant time, String text, boolean warning) {
    String line = warning ? paint(Colour.YELLOW, text) : text;
    out.println(paint(Colour.FAINT, TimeText.local(time)) + "  " + line);
  }

  public enum Colour {
    GREEN("\u001b[32m"),
    YELLOW("\u001b[33m"),
    RED("\u001b[31m"),
    BOLD("\u001b[1m"),
    FAINT("\u001b[2m");

    private static final String RESET = "\u001b[0m";
    private final String code;

    Colour(String code) {
      this.code = code;
    }
  }
}
