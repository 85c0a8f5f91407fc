package io.dropserver.cli.app;

import io.dropserver.cli.output.CommandException;
import io.dropserver.cli.repository.BranchCommit;
import io.dropserver.reconciler.forge.PullRequests;
import io.dropserver.reconciler.source.WriteException;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.server.RepositoryAccess;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Proposes an app as a branch of the instance repository, and as a pull request if a forge is
 * given.
 *
 * @param branch empty if the app decides
 */
record BranchProposal(BranchCommit commits, Optional<String> branch, Optional<Target> target) {
  /** Differs from {@code dropserver/}, the prefix of the branches that the server maintains. */
  private static final String PREFIX = "apps/";

  /**
   * @param into the followed branch
   */
  record Target(PullRequests pulls, String into) {}

  /**
   * Checks all that can be checked before the trial, which takes long.
   *
   * @param branch its name; empty if the app decides
   * @param host present if a pull request is to be opened at its forge
   */
  static BranchProposal of(
      BranchCommit commits,
      Optional<String> branch,
      Optional<HostConfig> host,
      InstantSource clock) {
    branch.ifPresent(BranchCommit::requireName);
    commits.requireRemote();
    Optional<Target> target = host.map(it -> target(it, clock));
    if (target.isPresent() && branch.equals(target.map(Target::into))) {
      throw new CommandException(
          "a pull request needs another branch than the followed one", "choose another --branch");
    }
    return new BranchProposal(commits, branch, target);
  }

  private static Target target(HostConfig host, InstantSource clock) {
    return host.repo()
        .flatMap(
            repo -> RepositoryAccess.pulls(repo, clock).map(it -> new Target(it, repo.branch())))
        .orElseThrow(
            () ->
                new CommandException(
                    "no forge is configured at which a pull request could be opened",
                    "name a host configuration with --config in which repo.write has forge, api and"
                        + " tokenFile, or use --branch and open the pull request by hand"));
  }

  /**
   * Pushes the files of an app, and opens the pull request.
   *
   * @param needs what the app needs, in Markdown
   * @param print receives what was done
   */
  void send(AppAddition.Added added, String message, String needs, Consumer<String> print)
      throws IOException {
    String name = branch.orElse(PREFIX + added.title().replace(' ', '-').replace('+', '-'));
    String commit = commits.push(added.files(), name, message);
    if (commit.isEmpty()) {
      print.accept("nothing changed: the repository contains the same entry and lock");
      return;
    }
    print.accept("pushed " + commit.substring(0, 7) + " to the branch " + name);
    target.ifPresent(it -> open(it, name, added.title(), needs, print));
  }

  private static void open(
      Target target, String branch, String title, String needs, Consumer<String> print) {
    String body =
        "Adds the app as `dropserver app add` tried it in a sandbox. Review the entry and the lock"
            + " file: they decide what runs.\n\n"
            + needs;
    try {
      PullRequests.Pull pull =
          target.pulls().open(branch, target.into(), "Add the app " + title, body);
      print.accept("opened the pull request " + pull.url());
    } catch (WriteException e) {
      throw new CommandException(
          "the branch %s is pushed, but no pull request was opened: %s"
              .formatted(branch, e.getMessage()),
          "open it by hand, or delete the branch, correct the cause and run the command again",
          e);
    }
  }
}
