package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.status.SandboxReason;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a waiting shell is told by its standard input.
 *
 * @param command the program that replaces it, and arguments; a line each, so none has two
 * @param options of bubblewrap; it reads what the shell leaves
 */
record LaunchLine(List<String> command, List<String> options) {
  /** The shell's script opens both. */
  static final int OPTIONS_DESCRIPTOR = 8;

  static final int SECCOMP_DESCRIPTOR = 9;

  LaunchLine {
    command = List.copyOf(command);
    options = List.copyOf(options);
    for (String word : command) {
      if (word.indexOf('\n') >= 0) {
        throw new SandboxException(
            SandboxReason.LAUNCH_FAILED,
            "a sandbox's command may not contain a line feed: " + word);
      }
    }
  }

  /** The number of words, the words, and the options NUL-separated as {@code --args} reads them. */
  byte[] bytes() {
    return (command.size()
            + "\n"
            + String.join("\n", command)
            + "\n"
            + String.join("\0", options)
            + "\0")
        .getBytes(StandardCharsets.UTF_8);
  }
}
