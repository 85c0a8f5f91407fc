package io.dropserver.schema.instance;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * Which new versions of an app are offered for review.
 *
 * @param range releases outside of it are not offered
 * @param interval the time between two questions
 */
public record Follow(
    Location location, Origin origin, VersionRange range, Duration interval, Merge merge) {
  public static final Duration DEFAULT_INTERVAL = Duration.ofDays(1);
  public static final Duration MIN_INTERVAL = Duration.ofHours(1);
  public static final Duration MAX_INTERVAL = Duration.ofDays(30);

  /** Where new versions are published. */
  public sealed interface Origin {}

  /** The versions of the package in the registry of npm. */
  public record Registry() implements Origin {}

  /**
   * The tags of the Git repository of the newest version.
   *
   * @param pattern with one asterisk, which stands for the version
   */
  public record Tags(String pattern) implements Origin {
    /** Returns the version that a tag names; empty if the tag does not match. */
    public Optional<SemanticVersion> version(String tag) {
      int star = pattern.indexOf('*');
      String before = pattern.substring(0, star);
      String after = pattern.substring(star + 1);
      return tag.length() >= before.length() + after.length()
              && tag.startsWith(before)
              && tag.endsWith(after)
          ? SemanticVersion.parse(tag.substring(before.length(), tag.length() - after.length()))
          : Optional.empty();
    }
  }

  /** A JSON document with versions of a package, in the format of docs/operate/updates.md. */
  public record Listing(URI url) implements Origin {}

  /** Which updates the server merges by itself. */
  public enum Merge {
    NEVER,

    /** Patch releases that ask for nothing new and need no migration. */
    PATCH
  }
}
