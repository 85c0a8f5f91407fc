package io.dropserver.reconciler.source;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;

/** Creates snapshots of commits. Each tree listing builds on the previous one. Thread-safe. */
final class Snapshots {
  private static final int LONGEST_MESSAGE = 8192;
  private static final int LONGEST_AUTHOR = 200;

  private final List<String> paths;

  /** Guarded by this. */
  private TreeListing previous = TreeListing.EMPTY;

  Snapshots(List<String> paths) {
    this.paths = List.copyOf(paths);
  }

  synchronized ConfigSource.Snapshot of(Repository repository, ObjectId id) throws IOException {
    try (ObjectReader reader = repository.newObjectReader();
        RevWalk walk = new RevWalk(reader)) {
      RevCommit commit = walk.parseCommit(id);
      TreeListing listing = TreeListing.of(reader, commit.getTree().copy(), paths, previous);
      previous = listing;
      return new ConfigSource.Snapshot(revision(commit), new GitTree(repository, listing));
    }
  }

  synchronized void forget() {
    previous = TreeListing.EMPTY;
  }

  private static Revision revision(RevCommit commit) {
    return new Revision(
        commit.name(),
        Instant.ofEpochSecond(commit.getCommitTime()),
        cut(commit.getAuthorIdent().getName(), LONGEST_AUTHOR),
        cut(commit.getFullMessage(), LONGEST_MESSAGE));
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length);
  }
}
