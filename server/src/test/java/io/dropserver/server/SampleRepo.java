package io.dropserver.server;

import java.util.Map;
import java.util.TreeMap;

/** The files of a small instance, for changes commit by commit. */
final class SampleRepo {
  private final Map<String, String> files = new TreeMap<>();
  private boolean prune = true;

  SampleRepo() {
    settings();
    file("users/alice.yaml", "User", "alice", "spec: {displayName: Alice, role: admin}");
    file("users/bob.yaml", "User", "bob", "spec: {displayName: Bob, role: member}");
    app("hello", "1.0.0", "one");
  }

  Map<String, String> files() {
    return new TreeMap<>(files);
  }

  SampleRepo prune(boolean on) {
    prune = on;
    settings();
    return this;
  }

  private void settings() {
    file(
        "instance.yaml",
        "Instance",
        "home",
        "spec:\n  domain: home.example.org\n  reconcile: {interval: 30s, prune: " + prune + "}");
  }

  /**
   * @param members names of users, separated by commas
   */
  SampleRepo group(String name, String members) {
    file("groups/" + name + ".yaml", "Group", name, "spec: {members: [" + members + "]}");
    return this;
  }

  /**
   * @param content any text; another text leads to another tree
   */
  SampleRepo app(String name, String version, String content) {
    file(
        "apps/" + name + ".yaml",
        "App",
        name,
        "spec:\n  versions:\n    - {version: " + version + ", source: {path: apps/" + name + "}}");
    files.put(
        "apps/" + name + "/dropapp.json",
        "{\"name\": \"%s\", \"version\": \"%s\", \"entrypoint\": \"main.ts\"}"
            .formatted(name, version));
    files.put("apps/" + name + "/main.ts", "// " + content + "\n");
    return this;
  }

  SampleRepo appspace(String name, String... more) {
    return appspaceOf(name, "hello", "1.0.0", "alice", more);
  }

  SampleRepo appspaceOf(String name, String app, String version, String owner, String... more) {
    String spec =
        "spec:\n  app: {name: "
            + app
            + ", version: "
            + version
            + "}\n  owner: "
            + owner
            + "\n"
            + (more.length == 0 ? "" : "  " + String.join("\n  ", more) + "\n");
    file("appspaces/" + name + ".yaml", "Appspace", name, spec);
    return this;
  }

  SampleRepo remove(String path) {
    files.remove(path);
    return this;
  }

  SampleRepo raw(String path, String text) {
    files.put(path, text);
    return this;
  }

  private void file(String path, String kind, String name, String spec) {
    files.put(
        path,
        "apiVersion: dropserver.io/v1\nkind: %s\nmetadata: {name: %s}\n%s\n"
            .formatted(kind, name, spec));
  }
}
