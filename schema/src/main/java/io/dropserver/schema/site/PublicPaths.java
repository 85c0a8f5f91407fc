package io.dropserver.schema.site;

import java.util.List;

/** Matches requested paths against the public paths of a members-only appspace. */
final class PublicPaths {
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
    if (declared.isEmpty() || ambiguous(path)) {
      return false;
    }
    for (String one : declared) {
      boolean below = one.endsWith("/") ? path.startsWith(one) : path.startsWith(one + "/");
      if (below || path.equals(one)) {
        return true;
      }
    }
    return false;
  }

  private static boolean ambiguous(String path) {
    if (path.contains("//") || path.contains("%") || path.contains("\\") || path.contains(";")) {
      return true;
    }
    for (String segment : path.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return true;
      }
    }
    return false;
  }
}
