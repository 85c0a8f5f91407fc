package io.dropserver.schema.read;

import java.util.ArrayList;
import java.util.List;

/**
 * What {@code .dropserverignore} files name, in the syntax of gitignore(5): later rules win, {@code
 * !} takes back, a folder that is ignored cannot be taken back into from below. Immutable.
 */
final class IgnoreRules {
  static final String FILE_NAME = ".dropserverignore";
  static final IgnoreRules NONE = new IgnoreRules(List.of());

  private final List<Rule> rules;

  private IgnoreRules(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * @param folder in which the file lies; its patterns are meant from there
   */
  private record Rule(String folder, Glob glob, boolean negated, boolean folderOnly) {}

  /**
   * @param folder of the file, "" for the root
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

  /** Whether a file is ignored, by itself or by a folder above it. */
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
