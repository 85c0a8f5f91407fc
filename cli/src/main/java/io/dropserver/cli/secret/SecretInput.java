package io.dropserver.cli.secret;

import io.dropserver.control.SecretControl;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Reads a secret from a hidden prompt on a terminal, otherwise from standard input. Command-line
 * arguments are not used, because every process on the machine can read them.
 */
@FunctionalInterface
interface SecretInput {
  String read(String prompt) throws IOException;

  @SuppressWarnings("SystemConsoleNull") // for NullAway; never null since JDK 22
  static SecretInput ofProcess() {
    return prompt -> {
      Console console = System.console();
      if (console == null || !console.isTerminal()) {
        return of(System.in);
      }
      char[] typed = console.readPassword("%s: ", prompt);
      return typed == null ? "" : new String(typed);
    };
  }

  /** Reads the whole input and removes the final line break. */
  static String of(InputStream in) throws IOException {
    byte[] bytes = in.readNBytes(SecretControl.LONGEST_VALUE + 3);
    String text = new String(bytes, StandardCharsets.UTF_8);
    String line = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }
}
