package io.dropserver.schema.read;

import io.dropserver.schema.document.Quoting;
import io.dropserver.schema.instance.Location;
import io.dropserver.schema.instance.Problem;
import io.dropserver.schema.instance.SourceTree;
import io.dropserver.schema.instance.SourceTree.TreeEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Selects the files of a tree that are read, and reports entries whose mere presence is a problem.
 */
final class TreeScan {
  private static final int MAX_IGNORE_BYTES = 1 << 16;

  private final SourceTree tree;
  private final List<String> paths;
  private final IgnoreRules ignored;

  TreeScan(SourceTree tree, List<String> paths) throws IOException {
    this.tree = tree;
    this.paths = paths;
    this.ignored = ignoreRules();
  }

  private IgnoreRules ignoreRules() throws IOException {
    IgnoreRules rules = IgnoreRules.NONE;
    for (TreeEntry treeEntry : tree.entries()) {
      String path = treeEntry.path();
      boolean named =
          path.equals(IgnoreRules.FILE_NAME) || path.endsWith("/" + IgnoreRules.FILE_NAME);
      if (named && isFile(treeEntry) && treeEntry.sizeBytes() <= MAX_IGNORE_BYTES) {
        int folderEnd = Math.max(0, path.length() - IgnoreRules.FILE_NAME.length() - 1);
        String text = new String(tree.read(treeEntry), StandardCharsets.UTF_8);
        rules = rules.with(path.substring(0, folderEnd), text);
      }
    }
    return rules;
  }

  /**
   * Returns the YAML files of this instance. App folders are excluded later, once they are known.
   */
  List<TreeEntry> documents() {
    return tree.entries().stream().filter(this::isDocument).toList();
  }

  private boolean isDocument(TreeEntry treeEntry) {
    String path = treeEntry.path();
    boolean yaml = path.endsWith(".yaml") || path.endsWith(".yml");
    return yaml && isFile(treeEntry) && isRead(path);
  }

  private boolean isRead(String path) {
    return isSelected(path) && !hasDotName(path) && !ignored.ignores(path);
  }

  private boolean isSelected(String path) {
    return paths.isEmpty() || paths.stream().anyMatch(folder -> RelativePaths.isIn(path, folder));
  }

  private static boolean hasDotName(String path) {
    return path.startsWith(".") || path.contains("/.");
  }

  static boolean isFile(TreeEntry treeEntry) {
    return switch (treeEntry.type()) {
      case FILE, EXECUTABLE -> true;
      case SYMLINK, SUBMODULE, OTHER -> false;
    };
  }

  /**
   * @param appFiles files of apps, which are checked even below a name that starts with a dot
   */
  List<Problem> problems(Set<String> appFiles) {
    List<Problem> problems = new ArrayList<>();
    Map<String, String> byFolded = new HashMap<>();
    Set<String> reported = new HashSet<>();
    for (TreeEntry treeEntry : tree.entries()) {
      if (!isRead(treeEntry.path()) && !appFiles.contains(treeEntry.path())) {
        continue;
      }
      addTypeProblem(treeEntry, problems);
      addCaseProblem(treeEntry.path(), byFolded, reported, problems);
    }
    return problems;
  }

  static boolean isInAny(String path, Set<String> folders) {
    if (folders.isEmpty()) {
      return false;
    }
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (folders.contains(path.substring(0, slash))) {
        return true;
      }
    }
    return folders.contains(path);
  }

  private static void addTypeProblem(TreeEntry treeEntry, List<Problem> problems) {
    String what =
        switch (treeEntry.type()) {
          case FILE, EXECUTABLE -> "";
          case SYMLINK -> "a symlink";
          case SUBMODULE -> "a submodule";
          case OTHER -> "not a regular file";
        };
    if (!what.isEmpty()) {
      problems.add(
          Problem.at(
              Location.ofFile(treeEntry.path()),
              "this is " + what + "; only regular files are read",
              "commit the files themselves, or add it to .dropserverignore"));
    }
  }

  /** Checks the path and then its parent folders, up to the first one that is already known. */
  private static void addCaseProblem(
      String path, Map<String, String> byFolded, Set<String> reported, List<Problem> problems) {
    int end = path.length();
    String prefix = path;
    while (true) {
      String first = byFolded.putIfAbsent(prefix.toLowerCase(Locale.ROOT), prefix);
      if (first != null) {
        if (!first.equals(prefix) && reported.add(prefix)) {
          problems.add(
              Problem.at(
                  Location.ofFile(path),
                  "the name differs from " + Quoting.quote(first) + " only in case",
                  "rename one: on a case-insensitive file system, one would replace the other"));
        }
        return;
      }
      end = prefix.lastIndexOf('/', end - 1);
      if (end < 0) {
        return;
      }
      prefix = path.substring(0, end);
    }
  }
}
