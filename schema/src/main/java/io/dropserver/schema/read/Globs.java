package io.dropserver.schema.read;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Patterns of gitignore(5) as regular expressions over a path relative to the ignore file. */
final class Globs {
  private Globs() {}

  static Pattern compile(String glob) {
    // A slash at the beginning or in the middle anchors the pattern to its folder.
    boolean anchored = glob.indexOf('/') >= 0;
    String body = glob.startsWith("/") ? glob.substring(1) : glob;
    StringBuilder regex = new StringBuilder(anchored ? "" : "(?:.*/)?");
    int i = 0;
    while (i < body.length()) {
      i = append(regex, body, i);
    }
    try {
      return Pattern.compile(regex.toString(), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      return Pattern.compile("(?!)"); // such as [z-a]: git matches nothing either
    }
  }

  /** Appends what stands at an index; answers the next index. */
  private static int append(StringBuilder regex, String glob, int i) {
    char c = glob.charAt(i);
    if (c == '*') {
      return star(regex, glob, i);
    }
    if (c == '?') {
      regex.append("[^/]");
      return i + 1;
    }
    if (c == '[') {
      return bracket(regex, glob, i);
    }
    boolean escape = c == '\\' && i + 1 < glob.length();
    regex.append(Pattern.quote(String.valueOf(escape ? glob.charAt(i + 1) : c)));
    return escape ? i + 2 : i + 1;
  }

  private static int star(StringBuilder regex, String glob, int i) {
    int end = i;
    while (end < glob.length() && glob.charAt(end) == '*') {
      end++;
    }
    boolean startsSegment = i == 0 || glob.charAt(i - 1) == '/';
    if (end - i == 2 && startsSegment && end == glob.length()) {
      regex.append(".*");
      return end;
    }
    if (end - i == 2 && startsSegment && glob.charAt(end) == '/') {
      regex.append("(?:.*/)?");
      return end + 1;
    }
    // Possessive where nothing follows, so that many stars cannot make matching slow.
    regex.append(end == glob.length() ? "[^/]*+" : "[^/]*");
    return end;
  }

  private static int bracket(StringBuilder regex, String glob, int i) {
    int start = i + 1;
    boolean negated =
        start < glob.length() && (glob.charAt(start) == '!' || glob.charAt(start) == '^');
    int first = negated ? start + 1 : start;
    int end = glob.indexOf(']', first + 1);
    if (end < 0) {
      regex.append("\\[");
      return i + 1;
    }
    String set = glob.substring(first, end).replaceAll("[\\[\\]&\\\\^]", "\\\\$0");
    regex.append("(?!/)[").append(negated ? "^" : "").append(set).append(']');
    return end + 1;
  }
}
