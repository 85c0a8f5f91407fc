package io.dropserver.reconciler.approval;

import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.reconciler.source.TestSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A bare repository with an instance, and a working copy of a person. */
final class ConfigRepo {
  final Path root;
  final Path remote;

  ConfigRepo(Path root) {
    this.root = root;
    this.remote = root.resolve("remote.git");
    git(root, "init", "-q", "--bare", "-b", "main", remote.toString());
    git(root, "init", "-q", "-b", "main", work().toString());
    git(work(), "remote", "add", "origin", remote.toString());
  }

  private Path work() {
    return root.resolve("work");
  }

  GitSettings settings() {
    return TestSettings.of(remote.toString(), "main", root.resolve("state/config.git"));
  }

  ConfigRepo instance(String approvals, String... appspaces) {
    document(
        "instance.yaml", "Instance", "home", "spec:\n  domain: home.example.org\n" + approvals);
    document("users/alice.yaml", "User", "alice", "spec: {role: admin}\n");
    document(
        "apps/hello.yaml",
        "App",
        "hello",
        "spec:\n  versions:\n    - {version: 1.0.0, source: {path: apps/hello}}\n");
    write(
        "apps/hello/dropapp.json",
        "{\"name\": \"hello\", \"version\": \"1.0.0\", \"entrypoint\": \"main.ts\"}");
    write("apps/hello/main.ts", "// hello\n");
    for (String name : appspaces) {
      document(
          "appspaces/" + name + ".yaml",
          "Appspace",
          name,
          "spec:\n  app: {name: hello, version: 1.0.0}\n  owner: alice\n");
    }
    return this;
  }

  void document(String path, String kind, String name, String spec) {
    write(
        path,
        "apiVersion: dropserver.io/v1\nkind: %s\nmetadata: {name: %s}\n%s"
            .formatted(kind, name, spec));
  }

  void write(String path, String text) {
    try {
      Path file = work().resolve(path);
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String push(String message) {
    git("add", "-A");
    git("commit", "-q", "--allow-empty", "-m", message);
    git("push", "-q", "origin", "HEAD:main");
    return head();
  }

  void pull() {
    git("fetch", "-q", "--prune", "origin");
    git("reset", "-q", "--hard", "origin/main");
  }

  /** Merges with git alone, as a person does. */
  void merge(String branch) {
    pull();
    git("merge", "-q", "--no-ff", "-m", "Merge", "origin/" + branch);
    git("push", "-q", "origin", "HEAD:main");
  }

  /** Adds a commit to a branch, like a reviewer, and returns it. */
  String edit(String branch) {
    git("fetch", "-q", "origin");
    git("checkout", "-q", "--detach", "origin/" + branch);
    write("note.txt", "of a reviewer\n");
    git("add", "-A");
    git("commit", "-q", "-m", "Add a note");
    git("push", "-q", "origin", "HEAD:" + branch);
    String commit = git("rev-parse", "HEAD");
    git("checkout", "-q", "main");
    return commit;
  }

  /** Merges as one new commit, like the button of a forge. */
  void squash(String branch) {
    pull();
    git("merge", "-q", "--squash", "origin/" + branch);
    git("commit", "-q", "-m", "Squash");
    git("push", "-q", "origin", "HEAD:main");
  }

  void delete(String branch) {
    git(remote, "branch", "-q", "-D", branch);
  }

  String head() {
    return git(remote, "rev-parse", "main");
  }

  String tip(String branch) {
    return git(remote, "rev-parse", branch);
  }

  List<String> branches() {
    return git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads/dropserver")
        .lines()
        .toList();
  }

  String show(String what) {
    return git(remote, "show", what);
  }

  String git(String... arguments) {
    return git(work(), arguments);
  }

  static String git(Path folder, String... arguments) {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    try {
      ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
      builder.redirectErrorStream(true);
      builder
          .environment()
          .putAll(
              Map.of(
                  "GIT_CONFIG_GLOBAL", "/dev/null",
                  "GIT_CONFIG_SYSTEM", "/dev/null",
                  "GIT_AUTHOR_NAME", "Alice",
                  "GIT_AUTHOR_EMAIL", "alice@example.org",
                  "GIT_COMMITTER_NAME", "Alice",
                  "GIT_COMMITTER_EMAIL", "alice@example.org"));
      Process process = builder.start();
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
