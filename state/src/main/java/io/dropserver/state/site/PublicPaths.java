package io.dropserver.state.site;

import java.util.List;
import java.util.regex.Pattern;

/** Matches requested paths against the public paths of a members-only appspace. */
final class PublicPaths {
  private static final Pattern AMBIGUOUS = Pattern.compile("//|[%\\\\;]|(?:^|/)\\.\\.?(?:/|\\z)");

  private PublicPaths() {}

  /**
   * Returns whether a path is public. An ambiguous path, which an app could interpret differently,
   * is not.
   *
   * @param declared public paths, matched by whole segments; one with a trailing slash covers only
   *     the paths below it
   * @param path as requested, without the query
   */
  static boolean cover(List<String> declared, String path) {
    return !AMBIGUOUS.matcher(path).find()
        && declared.stream()
            .anyMatch(
                one -> path.equals(one) || path.startsWith(one.endsWith("/") ? one : one + "/"));
  }
}
