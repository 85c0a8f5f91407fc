package io.dropserver.cli.repository;

import io.dropserver.cli.output.CommandException;
import io.dropserver.sandbox.app.FileTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Commits files on top of a checkout's commit and pushes them to a branch of its remote. The
 * working tree, the index and the branches of the checkout stay as they are, and no hook runs.
 *
 * @param root the top folder of the checkout
 */
public record BranchCommit(Path root, GitProgram git) {
  private static final String REMOTE = "origin";
  private static final Pattern NAME =
      Pattern.compile("[0-9A-Za-z](?:[0-9A-Za-z_+-]|[./](?![./])){0,200}");

  /** Returns the name of a branch, after checking that it is one and not an option. */
  public static String requireName(String name) {
    if (!NAME.matcher(name).matches()
        || name.endsWith(".lock")
        || name.endsWith("/")
        || name.endsWith(".")) {
      throw new CommandException(
          "the name of the branch is not permitted",
          "use letters, digits, dashes, dots and slashes, as in apps/board-2.1.0");
    }
    return name;
  }

  /**
   * Requires a remote to which a branch can be pushed.
   *
   * @throws CommandException when the checkout has none
   */
  public void requireRemote() {
    if (git.tryRun(root, "remote", "get-url", REMOTE).isEmpty()) {
      throw new CommandException(
          "the checkout has no remote " + REMOTE,
          "add one with git remote add "
              + REMOTE
              + " URL, or leave out --branch and"
              + " --pull-request");
    }
  }

  /**
   * Commits files and pushes the commit. An existing branch is only moved forward.
   *
   * @param files content by path from the root
   * @return the commit; empty text if it already contains the files
   */
  public String push(Map<String, String> files, String branch, String message) throws IOException {
    Path temporary = Files.createTempDirectory("dropserver-commit");
    try {
      String commit = commit(files, message, temporary);
      if (!commit.isEmpty()) {
        git.push(root, REMOTE, commit + ":refs/heads/" + requireName(branch));
      }
      return commit;
    } catch (IOException e) {
      throw new CommandException(
          "the branch " + branch + " was not pushed: " + e.getMessage(),
          "if the branch exists with other commits, delete it or choose another --branch",
          e);
    } finally {
      FileTree.delete(temporary);
    }
  }

  private String commit(Map<String, String> files, String message, Path temporary)
      throws IOException {
    Map<String, String> index = Map.of("GIT_INDEX_FILE", temporary.resolve("index").toString());
    git.run(root, index, "read-tree", "HEAD");
    int number = 0;
    for (Map.Entry<String, String> file : files.entrySet()) {
      Path content = temporary.resolve("content-" + number++);
      Files.writeString(content, file.getValue());
      String blob =
          git.run(root, Map.of(), "hash-object", "-w", "--no-filters", content.toString());
      git.run(
          root,
          index,
          "update-index",
          "--add",
          "--cacheinfo",
          "100644," + blob + "," + file.getKey());
    }
    String tree = git.run(root, index, "write-tree");
    if (tree.equals(git.run(root, "rev-parse", "HEAD^{tree}"))) {
      return "";
    }
    List<String> commit = new ArrayList<>(List.of("commit-tree", tree, "-p", "HEAD"));
    if (git.tryRun(root, "config", "--type=bool", "commit.gpgSign")
        .filter("true"::equals)
        .isPresent()) {
      commit.add("-S");
    }
    commit.addAll(List.of("-m", message));
    return git.run(root, commit.toArray(String[]::new));
  }
}
