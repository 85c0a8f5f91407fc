package io.dropserver.schema.read;

/** Paths inside a repository or an app's folder. */
final class Paths {
  private Paths() {}

  /** Relative, with plain segments only: it can lead nowhere else. */
  static boolean isInside(String path) {
    if (path.isEmpty() || path.indexOf('\\') >= 0 || path.codePoints().anyMatch(c -> c < 32)) {
      return false;
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /** Whether a path is a folder or lies in it; the empty folder is the root. */
  static boolean isIn(String path, String folder) {
    return folder.isEmpty()
        || path.equals(folder)
        || (path.length() > folder.length()
            && path.startsWith(folder)
            && path.charAt(folder.length()) == '/');
  }
}
