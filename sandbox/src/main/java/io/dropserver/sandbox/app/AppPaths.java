package io.dropserver.sandbox.app;

import io.dropserver.base.text.UnsafeCharacters;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The paths of one app version. Each path is checked for safety and against all earlier paths. Not
 * thread-safe.
 */
final class AppPaths {
  /** The maximum length of a name in bytes: NAME_MAX of Linux file systems. */
  private static final int SEGMENT_BYTES = 255;

  private final AppSizeLimits bounds;

  /** Maps the folded path to the original path and whether it is a file. */
  private final Map<String, Seen> seen = new HashMap<>();

  AppPaths(AppSizeLimits bounds) {
    this.bounds = bounds;
  }

  private record Seen(String path, boolean isFile) {}

  /** Reserves the path. If the path may not be created, returns the reason instead. */
  Optional<String> refusal(String path) {
    Optional<String> unsafe = unsafe(path);
    if (unsafe.isPresent()) {
      return unsafe;
    }
    List<String> segments = List.of(path.split("/", -1));
    for (int folders = 1; folders < segments.size(); folders++) {
      String folder = String.join("/", segments.subList(0, folders));
      Seen before = seen.putIfAbsent(folded(folder), new Seen(folder, false));
      if (before != null && (before.isFile() || !before.path().equals(folder))) {
        return Optional.of(collision(folder, before));
      }
    }
    Seen before = seen.putIfAbsent(folded(path), new Seen(path, true));
    return before == null ? Optional.empty() : Optional.of(collision(path, before));
  }

  private static String collision(String path, Seen before) {
    return before.path().equals(path)
        ? "it occurs twice"
        : "it differs from \"" + Printable.of(before.path()) + "\" only in case or accents";
  }

  private Optional<String> unsafe(String path) {
    if (path.isEmpty()) {
      return Optional.of("its name is empty");
    }
    if (path.startsWith("/")) {
      return Optional.of("its path is absolute");
    }
    if (path.indexOf('\\') >= 0) {
      return Optional.of("its name contains a backslash");
    }
    if (UnsafeCharacters.FILE_NAME.isIn(path)) {
      return Optional.of("its name is not plain UTF-8 text");
    }
    if (utf8(path) > bounds.pathBytes()) {
      return Optional.of("its path is longer than " + bounds.pathBytes() + " bytes");
    }
    String[] segments = path.split("/", -1);
    if (segments.length - 1 > bounds.depth()) {
      return Optional.of("it is nested deeper than " + bounds.depth() + " folders");
    }
    for (String segment : segments) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return Optional.of("its path contains an empty, \".\" or \"..\" part");
      }
      if (utf8(segment) > SEGMENT_BYTES) {
        return Optional.of("a part of its path is longer than " + SEGMENT_BYTES + " bytes");
      }
    }
    return Optional.empty();
  }

  /**
   * Maps names that a case-insensitive or normalising file system treats as equal to the same
   * string.
   */
  private static String folded(String path) {
    String upper = Normalizer.normalize(path, Normalizer.Form.NFKC).toUpperCase(Locale.ROOT);
    return Normalizer.normalize(upper.toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
  }

  private static int utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
