package io.dropserver.schema.instance;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of Semantic Versioning 2.0 without build metadata.
 *
 * @param prerelease the text after the hyphen; empty for a release
 */
public record SemanticVersion(long major, long minor, long patch, String prerelease)
    implements Comparable<SemanticVersion> {
  private static final String NUMBER = "(0|[1-9][0-9]{0,14})";
  private static final Pattern TEXT =
      Pattern.compile(
          NUMBER
              + "\\."
              + NUMBER
              + "\\."
              + NUMBER
              + "(?:-([0-9A-Za-z-]{1,32}(?:\\.[0-9A-Za-z-]{1,32}){0,7}))?");

  /** Returns the version; empty if the text is not exactly one. */
  public static Optional<SemanticVersion> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (text.length() > 64 || !matcher.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new SemanticVersion(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            Long.parseLong(matcher.group(3)),
            matcher.group(4) == null ? "" : matcher.group(4)));
  }

  public boolean isRelease() {
    return prerelease.isEmpty();
  }

  /** Returns whether only the third number is higher than that of the other version. */
  public boolean isPatchOf(SemanticVersion other) {
    return isRelease()
        && other.isRelease()
        && major == other.major
        && minor == other.minor
        && patch > other.patch;
  }

  @Override
  public int compareTo(SemanticVersion other) {
    int numbers = Long.compare(major, other.major);
    numbers = numbers != 0 ? numbers : Long.compare(minor, other.minor);
    numbers = numbers != 0 ? numbers : Long.compare(patch, other.patch);
    if (numbers != 0 || prerelease.equals(other.prerelease)) {
      return numbers;
    }
    if (isRelease() || other.isRelease()) {
      return isRelease() ? 1 : -1;
    }
    return comparePrereleases(prerelease.split("\\.", -1), other.prerelease.split("\\.", -1));
  }

  private static int comparePrereleases(String[] one, String[] other) {
    for (int i = 0; i < Math.min(one.length, other.length); i++) {
      int order = comparePart(one[i], other[i]);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.length, other.length);
  }

  private static int comparePart(String one, String other) {
    boolean number = isNumber(one);
    if (number != isNumber(other)) {
      return number ? -1 : 1;
    }
    int length = number ? Integer.compare(one.length(), other.length()) : 0;
    return length != 0 ? length : one.compareTo(other);
  }

  private static boolean isNumber(String part) {
    return part.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch + (isRelease() ? "" : "-" + prerelease);
  }
}
