package io.dropserver.reconciler.source;

import java.io.IOException;
import java.util.Optional;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;

/**
 * A person's one-time yes to one commit: a reference where the commit is here already, so that it
 * outlives a restart; in memory until then. Not thread-safe; its owner's lock guards it.
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

  /** Tells that the commit has been fetched. */
  void fetched(Repository repository, ObjectId head) throws IOException {
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

  /** Once is once: a revision went into service. */
  void spend(Repository repository) throws IOException {
    unseen = Optional.empty();
    if (BareRepository.ref(repository, GitSource.ACCEPTED).isPresent()) {
      BareRepository.deleteRef(repository, GitSource.ACCEPTED);
    }
  }
}
