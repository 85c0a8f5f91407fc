package io.dropserver.reconciler.source;

import java.io.IOException;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;

/**
 * An operator's one-time acceptance of one commit. The acceptance of a fetched commit is stored as
 * a reference, so it survives a restart. The acceptance of a commit that is not fetched yet is kept
 * in memory only. Not thread-safe: {@link GitSource} calls it while holding its lock.
 */
final class Acceptance {
  private Optional<String> unseen = Optional.empty();

  void accept(Repository repository, String sha) throws IOException {
    Optional<ObjectId> seen = BareRepository.ref(repository, GitSource.SEEN);
    boolean begins = sha.matches("[0-9a-f]{7,40}");
    if (begins && seen.filter(id -> id.name().startsWith(sha)).isPresent()) {
      BareRepository.setRef(repository, GitSource.ACCEPTED, seen.get());
      return;
    }
    if (!sha.matches("[0-9a-f]{40}")) {
      throw new SourceException(
          "\"" + sha + "\" is not the head last seen; give all 40 digits of the commit to accept");
    }
    unseen = Optional.of(sha);
  }

  /** Stores an acceptance of this commit, which was fetched now, as a reference. */
  void markFetched(Repository repository, ObjectId head) throws IOException {
    if (unseen.filter(head.name()::equals).isPresent()) {
      BareRepository.setRef(repository, GitSource.ACCEPTED, head);
      unseen = Optional.empty();
    }
  }

  boolean covers(Repository repository, String id) throws IOException {
    return unseen.filter(id::equals).isPresent()
        || BareRepository.ref(repository, GitSource.ACCEPTED)
            .filter(accepted -> accepted.name().equals(id))
            .isPresent();
  }

  /** Deletes the acceptance, because a revision went into service. */
  void consume(Repository repository) throws IOException {
    unseen = Optional.empty();
    if (BareRepository.ref(repository, GitSource.ACCEPTED).isPresent()) {
      BareRepository.deleteRef(repository, GitSource.ACCEPTED);
    }
  }
}
