package io.dropserver.reconciler.source;

import java.io.File;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.RepositoryCache.FileKey;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;
import org.eclipse.jgit.util.FS;

/**
 * A remote that is a local repository, read directly from disk. It stays open, because opening it
 * takes longer than a query. References are read from disk each time. Thread-safe.
 */
final class LocalRemote implements AutoCloseable {
  private final Optional<File> location;
  private final AtomicReference<Optional<Repository>> cached =
      new AtomicReference<>(Optional.empty());

  LocalRemote(RemoteUrl url) {
    this.location =
        url.transfer() == RemoteUrl.Transfer.LOCAL
            ? Optional.of(new File(url.uri().getPath()))
            : Optional.empty();
  }

  /**
   * Returns the branch's head; empty if the remote is on another machine or cannot be read; the
   * regular fetch then reports the error.
   */
  Optional<ObjectId> head(String branch) {
    Optional<ObjectId> head = Optional.empty();
    try {
      Optional<Repository> repository = open();
      if (repository.isPresent()) {
        head =
            Optional.ofNullable(repository.get().exactRef(Constants.R_HEADS + branch))
                .map(Ref::getObjectId);
      }
    } catch (IOException unusual) {
      // Treated like a missing head. Another repository may have replaced this one, so the next
      // call reopens the path.
    }
    if (head.isEmpty()) {
      close();
    }
    return head;
  }

  private Optional<Repository> open() throws IOException {
    Optional<Repository> before = cached.get();
    if (before.isPresent() || location.isEmpty()) {
      return before;
    }
    File found = FileKey.resolve(location.get(), FS.DETECTED);
    if (found == null) {
      return Optional.empty();
    }
    Optional<Repository> opened =
        Optional.of(new FileRepositoryBuilder().setGitDir(found).setMustExist(true).build());
    cached.getAndSet(opened).ifPresent(Repository::close);
    return opened;
  }

  @Override
  public void close() {
    cached.getAndSet(Optional.empty()).ifPresent(Repository::close);
  }
}
