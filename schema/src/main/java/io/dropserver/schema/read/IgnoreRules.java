package io.dropserver.schema.read;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules of {@code .dropserverignore} files, in gitignore(5) syntax: later rules win, {@code !}
 * re-includes a path, and nothing below an ignored folder can be re-included. Immutable.
 */
final class IgnoreRules {
  static final String FILE_NAME = ".dropserverignore";
  static final IgnoreRules NONE = new IgnoreRules(List.of());

  private final List<Rule> rules;

  private IgnoreRules(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * @param folder the folder of the ignore file, which is the base of its patterns
   */
  private record Rule(String folder, Glob glob, boolean negated, boolean folderOnly) {}

  /**
   * @param folder the folder of the file; "" is the root
   */
  IgnoreRules with(String folder, String text) {
    List<Rule> more = new ArrayList<>(rules);
    text.lines().limit(10_000).forEach(line -> addLine(more, folder, line));
    return new IgnoreRules(List.copyOf(more));
  }

  private static void addLine(List<Rule> rules, String folder, String line) {
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
      rules.add(new Rule(folder, Glob.compile(glob), negated, folderOnly));
    }
  }

  /** Returns whether a file is ignored, either itself or through one of its parent folders. */
  boolean ignores(String path) {
    if (rules.isEmpty()) {
      return false;
    }
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (decides(path.substring(0, slash), true)) {
        return true;
      }
    }
    return decides(path, false);
  }

  private boolean decides(String path, boolean isFolder) {
    for (int i = rules.size() - 1; i >= 0; i--) {
      Rule rule = rules.get(i);
      boolean below = Paths.isIn(path, rule.folder()) && !path.equals(rule.folder());
      if (!below || (rule.folderOnly() && !isFolder)) {
        continue;
      }
      String relative = rule.folder().isEmpty() ? path : path.substring(rule.folder().length() + 1);
      if (rule.glob().matches(relative)) {
        return !rule.negated();
      }
    }
    return false;
  }
}
