package io.dropserver.sandbox.isolation;

import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.condition.SandboxReason;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The instructions that a waiting shell reads from its standard input.
 *
 * @param command the program that replaces the shell, and arguments; none may contain a line feed
 * @param options of bubblewrap, which reads them from the rest of the shell's input; none may
 *     contain a NUL character
 */
record LaunchCommand(List<String> command, List<String> options) {
  /** The shell's script opens this descriptor and the next. */
  static final int OPTIONS_DESCRIPTOR = 8;

  static final int SECCOMP_DESCRIPTOR = 9;

  LaunchCommand {
    command = List.copyOf(command);
    options = List.copyOf(options);
    for (String word : command) {
      if (word.indexOf('\n') >= 0) {
        throw new SandboxException(
            SandboxReason.LAUNCH_FAILED,
            "a sandbox's command may not contain a line feed: " + word);
      }
    }
    for (String word : options) {
      // Otherwise a variable from a manifest or a config could add options, such as a bind mount.
      if (word.indexOf('\0') >= 0) {
        throw new SandboxException(
            SandboxReason.LAUNCH_FAILED,
            "a sandbox's options and variables may not contain a NUL character: "
                + word.replace('\0', '\uFFFD'));
      }
    }
  }

  /**
   * Encodes the number of words, the words, and the NUL-separated options in the format of {@code
   * --args}.
   */
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
