package io.dropserver.reconciler.source;

import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.treewalk.filter.AndTreeFilter;
import org.eclipse.jgit.treewalk.filter.PathFilterGroup;
import org.eclipse.jgit.treewalk.filter.TreeFilter;

/** Finds what an earlier server wrote to the config repository. Changes nothing there. */
public final class EarlierCommits {
  private static final String FETCHED = "refs/dropserver/fetched";

  private EarlierCommits() {}

  /**
   * Returns a clause that names what was found, or why the remote cannot be read; empty if the
   * remote contains nothing of a server. If the server follows only some folders, other servers may
   * follow the others, so only commits to its own folders count.
   *
   * @param settings with an empty folder as the local repository
   */
  public static Optional<String> find(GitSettings settings, InstantSource clock) {
    try (Remote remote =
            new Remote(
                RemoteUrl.parse(settings.url()),
                settings.access(),
                settings.repository().resolveSibling("no-home"));
        Repository local = BareRepository.open(settings.repository())) {
      try {
        Optional<String> branch =
            settings.paths().isEmpty() ? branch(remote, local) : Optional.empty();
        return branch.isPresent() ? branch : commit(remote, local, settings, clock);
      } catch (IOException | RuntimeException e) {
        return switch (RemoteFailure.of(e, remote)) {
          case PollResult.Unreachable lost -> unknown(lost.message(), lost.remedy());
          case PollResult.Refused refused -> unknown(refused.message(), refused.remedy());
          case PollResult.Unchanged _, PollResult.Moved _ ->
              throw new IllegalStateException("a failed search moves nothing", e);
        };
      }
    }
  }

  private static Optional<String> unknown(String message, String remedy) {
    return Optional.of(
        "it is not known whether the config repository has commits of a server: %s (%s)"
            .formatted(message, remedy));
  }

  private static Optional<String> branch(Remote remote, Repository local) throws IOException {
    try (Transport transport = remote.open(local);
        FetchConnection connection = transport.openFetch()) {
      return connection.getRefs().stream()
          .map(Ref::getName)
          .filter(name -> name.startsWith(Constants.R_HEADS + History.BRANCHES))
          .findFirst()
          .map(
              name ->
                  "%s has the branch %s, which a server created"
                      .formatted(remote.url().text(), Repository.shortenRefName(name)));
    }
  }

  private static Optional<String> commit(
      Remote remote, Repository local, GitSettings settings, InstantSource clock)
      throws IOException {
    FetchBounds bounds = new FetchBounds(clock, settings.access().fetchTimeout());
    try (HeadFetch fetch = new HeadFetch(remote, settings.branch());
        RevWalk walk = new RevWalk(local)) {
      if (fetch.findHead(local) instanceof HeadFetch.Head.Missing) {
        return Optional.empty();
      }
      ObjectId head = fetch.fetch(local, FETCHED, bounds);
      if (!settings.paths().isEmpty()) {
        walk.setTreeFilter(
            AndTreeFilter.create(
                PathFilterGroup.createFromStrings(settings.paths()), TreeFilter.ANY_DIFF));
      }
      walk.markStart(walk.parseCommit(head));
      for (RevCommit commit : walk) {
        if (commit.getCommitterIdent().getEmailAddress().equals(History.SERVER.email())) {
          return Optional.of(
              "%s has the commit %s, which a server wrote"
                  .formatted(remote.url().text(), commit.abbreviate(7).name()));
        }
      }
      return Optional.empty();
    }
  }
}
