package io.dropserver.schema.instance;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A program of an npm package, as an {@code entrypoint} names it: {@code npm:NAME}, {@code
 * npm:NAME@VERSION} or either with {@code /PROGRAM}.
 *
 * @param name of the package, with its scope
 * @param range a version or a range of versions; empty if {@code deno.lock} decides
 * @param bin the name of the program; empty if the package has only one, or one with its own name
 */
public record NpmProgram(String name, Optional<String> range, Optional<String> bin) {
  public static final String PREFIX = "npm:";

  // Only names that npm accepts for new packages. They are names of folders as well, so none may
  // begin with a dot.
  private static final String WORD = "[a-z0-9_~-][a-z0-9._~-]*";
  private static final Pattern SPECIFIER =
      Pattern.compile(
          "npm:(?<name>(?:@"
              + WORD
              + "/)?"
              + WORD
              + ")(?:@(?<range>[0-9A-Za-z*^~<>=][0-9A-Za-z.*^~<>=+-]*))?"
              + "(?:/(?<bin>[A-Za-z0-9_~-][A-Za-z0-9._~-]*))?");

  /** Returns whether an entrypoint is meant to name a program of a package, validly or not. */
  public static boolean isMeantBy(String entrypoint) {
    return entrypoint.startsWith(PREFIX);
  }

  /** Returns whether a text is the name of a package, with or without a scope, and nothing more. */
  public static boolean isPackageName(String text) {
    return parse(PREFIX + text).map(NpmProgram::name).filter(text::equals).isPresent();
  }

  /** Returns the program; empty for a path and for an invalid name. */
  public static Optional<NpmProgram> parse(String entrypoint) {
    Matcher matcher = SPECIFIER.matcher(entrypoint);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new NpmProgram(
            matcher.group("name"),
            Optional.ofNullable(matcher.group("range")),
            Optional.ofNullable(matcher.group("bin"))));
  }

  /**
   * Returns the name of the package without its scope. A package's default program has this name.
   */
  public String unscopedName() {
    return name.substring(name.indexOf('/') + 1);
  }
}
