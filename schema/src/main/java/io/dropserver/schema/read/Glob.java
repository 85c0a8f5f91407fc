package io.dropserver.schema.read;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One gitignore(5) pattern, matched against a path relative to its ignore file. Immutable. */
record Glob(List<Segment> segments) {
  /** The part of a pattern between two slashes. */
  sealed interface Segment {}

  /** Matches any number of folders: {@code **}. */
  private record AnyFolders() implements Segment {}

  private record NameSegment(List<Token> tokens) implements Segment {}

  private sealed interface Token {}

  /** Matches any run of characters in a name: {@code *}. */
  private record AnyRun() implements Token {}

  /** Matches one character: {@code ?}. */
  private record AnyOne() implements Token {}

  private record Literal(int point) implements Token {}

  private record OneOf(boolean negated, List<CharacterRange> spans) implements Token {}

  private record CharacterRange(int from, int to) {}

  static Glob compile(String glob) {
    List<Segment> segments = new ArrayList<>();
    // A slash at the beginning or in the middle anchors the pattern to its folder.
    if (glob.indexOf('/') < 0) {
      segments.add(new AnyFolders());
    }
    String body = glob.startsWith("/") ? glob.substring(1) : glob;
    for (String part : body.split("/", -1)) {
      segments.add(part.equals("**") ? new AnyFolders() : new NameSegment(tokens(part)));
    }
    // "abc/**" matches everything inside the folder, but not the folder itself.
    if (segments.size() > 1 && segments.getLast() instanceof AnyFolders) {
      segments.add(segments.size() - 1, new NameSegment(List.of(new AnyRun())));
    }
    return new Glob(List.copyOf(segments));
  }

  boolean matches(String path) {
    return Wildcards.match(
        segments,
        Arrays.asList(path.split("/", -1)),
        AnyFolders.class::isInstance,
        (segment, name) -> segment instanceof NameSegment tokens && matches(tokens, name));
  }

  private static boolean matches(NameSegment nameSegment, String text) {
    return Wildcards.match(
        nameSegment.tokens(),
        text.codePoints().boxed().toList(),
        AnyRun.class::isInstance,
        (token, point) -> matches(token, point));
  }

  private static boolean matches(Token token, int point) {
    return switch (token) {
      case AnyRun _, AnyOne _ -> true;
      case Literal literal -> literal.point() == point;
      case OneOf set ->
          set.negated() != set.spans().stream().anyMatch(s -> s.from() <= point && point <= s.to());
    };
  }

  private static List<Token> tokens(String part) {
    int[] points = part.codePoints().toArray();
    List<Token> tokens = new ArrayList<>();
    int i = 0;
    while (i < points.length) {
      i = token(tokens, points, i);
    }
    return List.copyOf(tokens);
  }

  /** Adds the token at an index and returns the index of the next one. */
  private static int token(List<Token> tokens, int[] points, int i) {
    switch (points[i]) {
      case '*' -> tokens.add(new AnyRun());
      case '?' -> tokens.add(new AnyOne());
      case '[' -> {
        int end = closing(points, i);
        if (end > 0) {
          tokens.add(set(points, i + 1, end));
          return end + 1;
        }
        tokens.add(new Literal('['));
      }
      case '\\' -> {
        boolean last = i + 1 == points.length;
        tokens.add(new Literal(last ? '\\' : points[i + 1]));
        return i + 2;
      }
      default -> tokens.add(new Literal(points[i]));
    }
    return i + 1;
  }

  /**
   * Returns the index of the closing bracket. A bracket right after the opening one is part of the
   * set.
   */
  private static int closing(int[] points, int open) {
    int first = isNegation(points, open + 1) ? open + 2 : open + 1;
    for (int i = first + 1; i < points.length; i++) {
      if (points[i] == ']') {
        return i;
      }
    }
    return -1;
  }

  private static boolean isNegation(int[] points, int i) {
    return i < points.length && (points[i] == '!' || points[i] == '^');
  }

  private static OneOf set(int[] points, int from, int end) {
    boolean negated = isNegation(points, from);
    List<CharacterRange> spans = new ArrayList<>();
    int i = negated ? from + 1 : from;
    while (i < end) {
      boolean range = i + 2 < end && points[i + 1] == '-';
      spans.add(new CharacterRange(points[i], range ? points[i + 2] : points[i]));
      i += range ? 3 : 1;
    }
    return new OneOf(negated, List.copyOf(spans));
  }
}
