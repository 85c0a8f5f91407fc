package io.dropserver.schema.read;

import io.dropserver.base.text.UnsafeCharacters;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks on paths inside a repository or an app's folder. */
final class RelativePaths {
  private static final Pattern NOT_PLAIN_SEGMENT = Pattern.compile("(?:^|/)\\.{0,2}(?:/|\\z)");

  private RelativePaths() {}

  /**
   * Returns whether the path is relative and has only plain segments, so that it cannot leave its
   * root.
   */
  static boolean isInside(String path) {
    return path.indexOf('\\') < 0
        && !UnsafeCharacters.NAME.isIn(path)
        && !NOT_PLAIN_SEGMENT.matcher(path).find();
  }

  /** Returns the path without {@code ./} at its start. */
  static String clean(String path) {
    return path.startsWith("./") ? path.substring(2) : path;
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
