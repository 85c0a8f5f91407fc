package io.dropserver.schema.read;

import io.dropserver.schema.text.UnsafeCharacters;
import java.util.stream.Stream;

/** Checks on paths inside a repository or an app's folder. */
final class RelativePaths {
  private RelativePaths() {}

  /**
   * Returns whether the path is relative and has only plain segments, so that it cannot leave its
   * root.
   */
  static boolean isInside(String path) {
    if (path.isEmpty() || path.indexOf('\\') >= 0 || UnsafeCharacters.NAME.isIn(path)) {
      return false;
    }
    for (String segment : path.split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns whether a path leads into a folder in which Git keeps its own files, also on a file
   * system that ignores case.
   */
  static boolean entersGit(String path) {
    return Stream.of(path.split("/", -1)).anyMatch(".git"::equalsIgnoreCase);
  }

  /** Returns whether a path is the folder or is inside it. The empty folder is the root. */
  static boolean isIn(String path, String folder) {
    return folder.isEmpty()
        || path.equals(folder)
        || (path.length() > folder.length()
            && path.startsWith(folder)
            && path.charAt(folder.length()) == '/');
  }
}
