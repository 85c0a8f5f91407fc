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
    return VersionOrder.compare(toString(), other.toString());
  }

  @Override
  public String toString() {
    return major + "." + minor + "." + patch + (isRelease() ? "" : "-" + prerelease);
  }
}
