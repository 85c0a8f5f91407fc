package io.dropserver.reconciler.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Where a command prints. Data goes to {@code out}, everything else (progress, hints, errors) to
 * {@code err}, so that a pipe carries data only.
 *
 * @param out data
 * @param err what a person reads beside the data
 * @param environment of the process
 * @param interactive whether a person looks at {@code out}
 */
record Terminal(
    PrintStream out, PrintStream err, Map<String, String> environment, boolean interactive) {

  /** Told by the start script, since the JVM knows only whether input and output both are one. */
  private static final String TERMINAL_PROPERTY = "dropserver.terminal";

  static Terminal ofProcess() {
    return new Terminal(
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
        System.getenv(),
        Boolean.getBoolean(TERMINAL_PROPERTY));
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  /** Colour only for a person, and not for one who asked for none (no-color.org). */
  boolean colour() {
    return interactive
        && environment.getOrDefault("NO_COLOR", "").isEmpty()
        && !environment.getOrDefault("TERM", "").equals("dumb");
  }

  String paint(Colour colour, String text) {
    return colour() ? colour.code + text + Colour.RESET : text;
  }

  enum Colour {
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
