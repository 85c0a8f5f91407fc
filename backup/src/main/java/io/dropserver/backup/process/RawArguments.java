package io.dropserver.backup.process;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Passes arguments of any bytes to a program. Java encodes arguments in the charset of the locale,
 * which may have no form for the name of a file. {@code sh} decodes the encoded arguments and
 * replaces itself by the program.
 */
public final class RawArguments {
  private static final String MARK = "raw:";

  /** {@code x} preserves newlines at the end, which a command substitution removes. */
  private static final String DECODE =
      "for a do shift; case $a in raw:*) a=$(printf '%bx' \"${a#raw:}\"); a=${a%x};; esac;"
          + " set -- \"$@\" \"$a\"; done; exec \"$@\"";

  private RawArguments() {}

  /**
   * Encodes an argument for a command of {@link ProgramRunner}.
   *
   * @param latin has one ISO 8859-1 character for each byte
   */
  public static String encode(String latin) {
    boolean plain = latin.chars().allMatch(c -> c >= ' ' && c < 0x7f) && !latin.startsWith(MARK);
    return plain
        ? latin
        : MARK
            + latin
                .chars()
                .mapToObj(
                    c ->
                        c < 0x7f && Character.isLetterOrDigit(c)
                            ? Character.toString(c)
                            : "\\0%03o".formatted(c))
                .collect(Collectors.joining());
  }

  /** Returns a command that decodes its arguments first, if any is encoded. */
  static List<String> decoding(List<String> command) {
    if (command.stream().noneMatch(argument -> argument.startsWith(MARK))) {
      return command;
    }
    List<String> decoding = new ArrayList<>(List.of("/bin/sh", "-c", DECODE, "sh"));
    decoding.addAll(command);
    return decoding;
  }
}
