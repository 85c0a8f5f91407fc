package io.dropserver.schema.read;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules of {@code .dropserverignore} files, in gitignore(5) syntax: later rules win, {@code !}
 * re-includes a path, and nothing below an ignored folder can be re-included. Immutable.
 */
record IgnoreRules(List<IgnoreRule> rules) {
  static final String FILE_NAME = ".dropserverignore";
  static final IgnoreRules NONE = new IgnoreRules(List.of());

  /**
   * @param folder the folder of the ignore file, which is the base of its patterns
   */
  record IgnoreRule(String folder, Glob glob, boolean negated, boolean folderOnly) {}

  /**
   * @param folder the folder of the file; "" is the root
   */
  IgnoreRules with(String folder, String text) {
    List<IgnoreRule> more = new ArrayList<>(rules);
    text.lines().limit(10_000).forEach(line -> addLine(more, folder, line));
    return new IgnoreRules(List.copyOf(more));
  }

  private static void addLine(List<IgnoreRule> rules, String folder, String line) {
    String glob = line.startsWith("\uFEFF") ? line.substring(1) : line;
    if (!glob.endsWith("\\ ")) {
      glob = glob.stripTrailing();
    }
    if (glob.isEmpty() || glob.startsWith("#") || glob.length() > 1024) {
      return;
    }
    boolean negated = glob.startsWith("!");
    glob = negated ? glob.substring(1) : glob;
    boolean folderOnly = glob.endsWith("/");
    glob = folderOnly ? glob.substring(0, glob.length() - 1) : glob;
    if (!glob.isEmpty()) {
      rules.add(new IgnoreRule(folder, Glob.compile(glob), negated, folderOnly));
    }
  }

  /** Returns whether a file is ignored, either itself or through one of its parent folders. */
  boolean ignores(String path) {
    if (rules.isEmpty()) {
      return false;
    }
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (matches(path.substring(0, slash), true)) {
        return true;
      }
    }
    return matches(path, false);
  }

  private boolean matches(String path, boolean isFolder) {
    for (int i = rules.size() - 1; i >= 0; i--) {
      IgnoreRule ignoreRule = rules.get(i);
      boolean below =
          RelativePaths.isIn(path, ignoreRule.folder()) && !path.equals(ignoreRule.folder());
      if (!below || (ignoreRule.folderOnly() && !isFolder)) {
        continue;
      }
      String relative =
          ignoreRule.folder().isEmpty() ? path : path.substring(ignoreRule.folder().length() + 1);
      if (ignoreRule.glob().matches(relative)) {
        return !ignoreRule.negated();
      }
    }
    return false;
  }
}
