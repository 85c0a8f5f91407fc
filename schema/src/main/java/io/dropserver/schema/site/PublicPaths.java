package io.dropserver.schema.site;

import java.util.List;

/** Paths of a members-only appspace that anyone may request. */
final class PublicPaths {
  private PublicPaths() {}

  /**
   * Whether a path is public. Ambiguous paths, which an app might read differently, are not.
   *
   * @param declared paths of whole segments; with a trailing slash, only the paths below
   * @param path as sent, without the query
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
