package io.dropserver.cli.command;

import io.dropserver.cli.output.CommandException;
import io.dropserver.schema.instance.Kind;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Parses a kind in any case, singular or plural. Accepts {@code whitelist} as an abbreviation. */
public final class KindName {
  private KindName() {}

  public static Kind parse(String typed) {
    return find(typed).orElseThrow(() -> unknown(typed));
  }

  /** Returns the kind; empty if the text names none. */
  public static Optional<Kind> find(String typed) {
    String word = typed.toLowerCase(Locale.ROOT);
    String singular = word.endsWith("s") ? word.substring(0, word.length() - 1) : word;
    return Arrays.stream(Kind.values())
        .filter(kind -> matches(kind, word) || matches(kind, singular))
        .findFirst();
  }

  private static boolean matches(Kind kind, String word) {
    return kind.text().equalsIgnoreCase(word)
        || (kind == Kind.EGRESS_WHITELIST && word.equals("whitelist"));
  }

  /** Returns all kinds, for a message. */
  public static String list() {
    return Arrays.stream(Kind.values())
        .map(kind -> kind.text().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
  }

  private static CommandException unknown(String typed) {
    return new CommandException("unknown kind " + typed, "use one of: " + list());
  }
}
