package io.dropserver.reconciler.source;

import io.dropserver.reconciler.source.PollResult.Refused;
import io.dropserver.state.condition.InstanceReason;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.Transport;

/** Queries the head of the followed branch and fetches it. */
final class HeadFetch implements AutoCloseable {
  private final Remote remote;
  private final LocalRemote near;
  private final String branch;

  HeadFetch(Remote remote, String branch) {
    this.remote = remote;
    this.branch = branch;
    this.near = new LocalRemote(remote.url());
  }

  /** The head of the branch. */
  sealed interface Head {
    record At(ObjectId id) implements Head {}

    record Missing(Refused why) implements Head {}
  }

  /**
   * Queries the remote's head, like {@code git ls-remote}. With protocol version 2, the answer
   * contains only this reference.
   */
  Head findHead(Repository repository) throws IOException {
    Optional<ObjectId> here = near.head(branch);
    if (here.isPresent()) {
      return new Head.At(here.get());
    }
    try (Transport transport = remote.open(repository)) {
      Optional<ObjectId> head = advertised(transport, Constants.R_HEADS + branch);
      if (head.isPresent()) {
        return new Head.At(head.get());
      }
    }
    try (Transport transport = remote.open(repository);
        FetchConnection all = transport.openFetch()) {
      boolean anyBranch =
          all.getRefs().stream().anyMatch(ref -> ref.getName().startsWith(Constants.R_HEADS));
      return new Head.Missing(anyBranch ? branchMissing() : repositoryEmpty());
    }
  }

  private static Optional<ObjectId> advertised(Transport transport, String name)
      throws IOException {
    try (FetchConnection connection = transport.openFetch(List.of(new RefSpec(name)))) {
      Ref ref = connection.getRef(name);
      return ref == null ? Optional.empty() : Optional.ofNullable(ref.getObjectId());
    }
  }

  /**
   * Fetches the branch's history into the local repository.
   *
   * @return its head, which may be newer than the one that {@link #findHead} found
   */
  ObjectId fetch(Repository repository, String into, FetchBounds bounds) throws IOException {
    String name = Constants.R_HEADS + branch;
    try (Transport transport = remote.open(repository)) {
      Ref ref =
          transport
              .fetch(bounds, List.of(new RefSpec("+" + name + ":" + into)))
              .getAdvertisedRef(name);
      if (ref == null || ref.getObjectId() == null) {
        throw new IOException("the branch " + branch + " was deleted while it was fetched");
      }
      return ref.getObjectId();
    }
  }

  PollResult failure(Throwable cause) {
    return RemoteFailure.of(cause, remote);
  }

  PollResult failure(String why) {
    return RemoteFailure.unreachable(remote, why);
  }

  private Refused branchMissing() {
    return new Refused(
        InstanceReason.BRANCH_MISSING,
        Optional.empty(),
        remote.url().text() + " has no branch " + branch,
        "push the branch again, or name another branch with repo.branch in the host configuration;"
            + " nothing is removed from service meanwhile");
  }

  private Refused repositoryEmpty() {
    return new Refused(
        InstanceReason.SOURCE_EMPTY,
        Optional.empty(),
        remote.url().text() + " has no commits",
        "push the instance's files to the branch " + branch);
  }

  @Override
  public void close() {
    near.close();
  }
}
