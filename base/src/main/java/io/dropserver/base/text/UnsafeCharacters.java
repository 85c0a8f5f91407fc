package io.dropserver.base.text;

import java.util.function.IntFunction;

/**
 * Characters that are refused in untrusted text, or replaced before the text is shown. Each
 * constant is a policy for one kind of text, and all policies extend the same definition: {@link
 * #LINE}.
 *
 * <p>Rules of a protocol or a grammar, such as the ASCII of a header or the reserved characters of
 * a URL, are not policies: they are in the parser of that grammar.
 */
public enum UnsafeCharacters {
  /**
   * Text on one line of a terminal, a log or a page. Control characters begin escape sequences and
   * break lines, format characters reorder or hide text, line and paragraph separators break lines
   * in some programs, and unpaired surrogates cannot be encoded.
   */
  LINE(Types.UNSAFE, "", ""),

  /** Text on several lines: as {@link #LINE}, with line feeds and tabs kept. */
  LINES(Types.UNSAFE, "\n\t", ""),

  /**
   * A name that a person types: as {@link #LINE}, with the zero-width joiners kept. Words in
   * Persian and in Indic languages need them, and so do many emoji.
   */
  NAME(Types.UNSAFE, Types.JOINERS, ""),

  /**
   * A path in an app's package: as {@link #NAME}, plus unassigned characters and the replacement
   * character. A later version of Unicode may fold an unassigned character to another one, so that
   * two names become equal. Decoders write the replacement character for invalid UTF-8.
   */
  FILE_NAME(Types.UNSAFE | (1 << Character.UNASSIGNED), Types.JOINERS, "\uFFFD"),

  /**
   * A wrong value that a message quotes: as {@link #LINE}, plus unassigned and private-use
   * characters. No font has them, so the reader could not see which character to correct.
   */
  QUOTE(Types.UNSAFE | Types.WITHOUT_GLYPH, "", ""),

  /**
   * A value in a file that a person reviews before it takes effect: as {@link #QUOTE}, plus all
   * spaces except U+0020. A reviewer cannot tell them apart, but a parser does.
   */
  REVIEW(Types.UNSAFE | Types.WITHOUT_GLYPH | (1 << Character.SPACE_SEPARATOR), " ", ""),

  /**
   * Text of an app in a request that a person decides: as {@link #REVIEW}, plus marks that are
   * drawn over other characters, because a stack of them covers the lines around it.
   */
  APP_TEXT(
      Types.UNSAFE
          | Types.WITHOUT_GLYPH
          | (1 << Character.SPACE_SEPARATOR)
          | (1 << Character.ENCLOSING_MARK)
          | (1 << Character.NON_SPACING_MARK),
      " ",
      "");

  /** {@link #LINE} as a regular expression, for the patterns of log lines. */
  public static final String LINE_PATTERN = "[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]";

  private final int types;
  private final String kept;
  private final String added;

  /** Sets of general categories, one bit each. */
  private static final class Types {
    static final int UNSAFE =
        (1 << Character.CONTROL)
            | (1 << Character.FORMAT)
            | (1 << Character.SURROGATE)
            | (1 << Character.LINE_SEPARATOR)
            | (1 << Character.PARAGRAPH_SEPARATOR);

    static final int WITHOUT_GLYPH = (1 << Character.UNASSIGNED) | (1 << Character.PRIVATE_USE);

    static final String JOINERS = "\u200C\u200D";
  }

  UnsafeCharacters(int types, String kept, String added) {
    this.types = types;
    this.kept = kept;
    this.added = added;
  }

  /** Returns whether the code point is unsafe. */
  public boolean contains(int point) {
    boolean typed = ((types >> Character.getType(point)) & 1) == 1;
    return typed ? kept.indexOf(point) < 0 : added.indexOf(point) >= 0;
  }

  /** Returns whether the text has an unsafe character. */
  public boolean isIn(String text) {
    return text.codePoints().anyMatch(this::contains);
  }

  /** Replaces each unsafe character. */
  public String replace(String text, IntFunction<String> replacement) {
    if (!isIn(text)) {
      return text;
    }
    StringBuilder safe = new StringBuilder(text.length() + 16);
    text.codePoints()
        .forEach(
            point -> {
              if (contains(point)) {
                safe.append(replacement.apply(point));
              } else {
                safe.appendCodePoint(point);
              }
            });
    return safe.toString();
  }

  /** Replaces each run of unsafe characters by one space, and strips spaces at both ends. */
  public String toSpaces(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    boolean gap = false;
    for (int point : text.codePoints().toArray()) {
      boolean unsafe = contains(point);
      if (!unsafe) {
        safe.appendCodePoint(point);
      } else if (!gap) {
        safe.append(' ');
      }
      gap = unsafe;
    }
    return safe.toString().strip();
  }
}
