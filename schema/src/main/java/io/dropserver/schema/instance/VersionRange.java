package io.dropserver.schema.instance;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of releases, in the notation of npm: {@code ^5.4}, {@code ~1.2.3}, {@code 1.x}, {@code
 * >=1.2 <3}, alternatives with {@code ||}. Contains no pre-releases.
 *
 * @param text as written
 */
public record VersionRange(String text, List<List<Bound>> alternatives) {
  /** All releases. */
  public static final VersionRange ALL = new VersionRange("*", List.of(List.of()));

  private static final int MAX_PARTS = 16;
  private static final String NUMBER = "(0|[1-9][0-9]{0,14}|[xX*])";
  private static final Pattern COMPARATOR =
      Pattern.compile(
          "(\\^|~|>=|<=|>|<|=)? ?" + NUMBER + "(?:\\." + NUMBER + ")?(?:\\." + NUMBER + ")?");
  private static final Pattern SPACE_AFTER_SIGN = Pattern.compile("([<>=^~]) +");

  public VersionRange {
    alternatives = alternatives.stream().map(List::copyOf).toList();
  }

  /**
   * One limit of a range.
   *
   * @param lower whether versions below the limit are excluded; otherwise the limit and the
   *     versions above it are
   */
  public record Bound(SemanticVersion limit, boolean lower) {
    private boolean admits(SemanticVersion version) {
      return lower ? version.compareTo(limit) >= 0 : version.compareTo(limit) < 0;
    }
  }

  /** Returns the range; empty if the text is not one. */
  public static Optional<VersionRange> parse(String text) {
    List<List<Bound>> alternatives = new ArrayList<>();
    String tight = SPACE_AFTER_SIGN.matcher(text.strip()).replaceAll("$1");
    String[] parts = tight.split("\\|\\|", -1);
    if (text.length() > 200 || parts.length > MAX_PARTS) {
      return Optional.empty();
    }
    for (String part : parts) {
      List<Bound> bounds = new ArrayList<>();
      for (String comparator : part.strip().split(" +", -1)) {
        Matcher matcher = COMPARATOR.matcher(comparator);
        if (!matcher.matches()) {
          return Optional.empty();
        }
        addBounds(matcher, bounds);
      }
      alternatives.add(bounds);
    }
    return Optional.of(new VersionRange(text.strip(), alternatives));
  }

  /** Returns whether a version is a release in this range. */
  public boolean contains(SemanticVersion version) {
    return version.isRelease()
        && alternatives.stream()
            .anyMatch(bounds -> bounds.stream().allMatch(bound -> bound.admits(version)));
  }

  private static void addBounds(Matcher matcher, List<Bound> bounds) {
    String sign = matcher.group(1) == null ? "=" : matcher.group(1);
    List<Long> numbers = new ArrayList<>();
    for (int i = 2; i <= 4; i++) {
      String number = matcher.group(i);
      if (number == null || !Character.isDigit(number.charAt(0))) {
        break;
      }
      numbers.add(Long.valueOf(number));
    }
    SemanticVersion first = version(numbers);
    switch (sign) {
      case ">=" -> bounds.add(new Bound(first, true));
      case "<" -> bounds.add(new Bound(first, false));
      case ">" -> bounds.add(new Bound(after(numbers, numbers.size()), true));
      case "<=" -> bounds.add(new Bound(after(numbers, numbers.size()), false));
      default -> {
        bounds.add(new Bound(first, true));
        bounds.add(new Bound(after(numbers, kept(sign, numbers)), false));
      }
    }
  }

  /** Returns how many of the numbers a version in the range has to share. */
  private static int kept(String sign, List<Long> numbers) {
    int given = numbers.size();
    return switch (sign) {
      case "~" -> Math.min(given, 2);
      case "^" -> {
        int zeros = 0;
        while (zeros < given - 1 && numbers.get(zeros) == 0) {
          zeros++;
        }
        yield Math.min(given, zeros + 1);
      }
      default -> given;
    };
  }

  private static SemanticVersion version(List<Long> numbers) {
    return new SemanticVersion(
        numbers.isEmpty() ? 0 : numbers.get(0),
        numbers.size() < 2 ? 0 : numbers.get(1),
        numbers.size() < 3 ? 0 : numbers.get(2),
        "");
  }

  /** Returns the first version that does not share the first numbers. */
  private static SemanticVersion after(List<Long> numbers, int shared) {
    if (shared == 0) {
      return new SemanticVersion(Long.MAX_VALUE, 0, 0, "");
    }
    List<Long> next = new ArrayList<>(numbers.subList(0, shared));
    next.set(shared - 1, next.get(shared - 1) + 1);
    return version(next);
  }

  @Override
  public String toString() {
    return text;
  }
}
