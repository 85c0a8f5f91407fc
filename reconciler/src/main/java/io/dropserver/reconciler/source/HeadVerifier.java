package io.dropserver.reconciler.source;

import io.dropserver.reconciler.source.PollResult.Refused;
import io.dropserver.state.condition.InstanceReason;
import java.io.IOException;
import java.util.Optional;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;

/** Decides whether a fetched head may follow the revision in service. */
record HeadVerifier(String branch, SignatureCheck signatures) {
  /**
   * @param rewriteAllowed whether {@code reconcile.allowRewrite} of the revision in service or an
   *     operator accepts a head that does not descend from the served commit
   * @return why the head is refused; empty if it may be read and validated
   */
  Optional<Refused> verify(
      Repository repository, ObjectId head, Optional<ObjectId> served, boolean rewriteAllowed)
      throws IOException {
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit commit = walk.parseCommit(head);
      Optional<String> unsigned = signatures.objection(repository, commit);
      if (unsigned.isPresent()) {
        return Optional.of(unsigned(head, unsigned.get()));
      }
      if (served.isEmpty() || rewriteAllowed || descends(walk, commit, served.get())) {
        return Optional.empty();
      }
      return Optional.of(rewritten(head, served.get()));
    }
  }

  private static boolean descends(RevWalk walk, RevCommit head, ObjectId served)
      throws IOException {
    try {
      return walk.isMergedInto(walk.parseCommit(served), head);
    } catch (MissingObjectException e) {
      // The whole history was just fetched, so a missing served commit is not part of it.
      return false;
    }
  }

  private Refused unsigned(ObjectId head, String why) {
    return new Refused(
        InstanceReason.SIGNATURE_INVALID,
        Optional.of(head.name()),
        "commit " + shortId(head) + " on " + branch + " is not trusted: " + why,
        "sign it with an allowed key (git commit --amend -S, or a new signed commit on top) and"
            + " push; the allowed keys are named by repo.verify in the host configuration");
  }

  private Refused rewritten(ObjectId head, ObjectId served) {
    return new Refused(
        InstanceReason.SOURCE_REWRITTEN,
        Optional.of(head.name()),
        "%s was rewritten: its head %s does not descend from %s, which is in service"
            .formatted(branch, shortId(head), shortId(served)),
        "push a history that contains %s, or accept this one once with: dropserver sync --accept %s"
            .formatted(shortId(served), head.name()));
  }

  Refused empty(ObjectId head) {
    return new Refused(
        InstanceReason.SOURCE_EMPTY,
        Optional.of(head.name()),
        "commit " + shortId(head) + " on " + branch + " has no files",
        "restore the files with git revert; nothing is removed from service meanwhile");
  }

  private static String shortId(ObjectId id) {
    return id.abbreviate(7).name();
  }
}
