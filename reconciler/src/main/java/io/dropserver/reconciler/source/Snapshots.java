package io.dropserver.reconciler.source;

import java.io.IOException;
import java.util.List;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectReader;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;

/** Creates snapshots of commits. Each tree listing builds on the previous one. Thread-safe. */
final class Snapshots {
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
      return new ConfigSource.Snapshot(
          new Revision(commit.name()), new GitTree(repository, listing));
    }
  }

  synchronized void forget() {
    previous = TreeListing.EMPTY;
  }
}
