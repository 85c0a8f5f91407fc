package io.dropserver.reconciler.source;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.concurrent.MonotonicClock;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The followed branch, fetched into a bare repository in the state folder. The clone contains the
 * whole history of the branch, because a shallow clone could not tell a fast-forward from a
 * rewrite.
 *
 * <p>References in it: {@code refs/dropserver/seen} is the head that was fetched last, {@code
 * refs/dropserver/served} follows the served revision that the state database records, and {@code
 * refs/dropserver/accepted} is the commit that an operator accepted.
 */
public final class GitSource implements ConfigSource {
  static final String SERVED = "refs/dropserver/served";
  static final String SEEN = "refs/dropserver/seen";
  static final String ACCEPTED = "refs/dropserver/accepted";

  private static final Logger LOG = LoggerFactory.getLogger(GitSource.class);

  private final GitSettings settings;
  private final InstantSource clock;
  private final Remote remote;
  private final HeadFetch fetch;
  private final HeadVerifier verifier;
  private final Snapshots snapshots;
  private final CollectionSchedule collection;

  /** Serializes polls. Held while waiting for the remote. */
  private final ReentrantLock pollLock = new ReentrantLock();

  /** Guards the fields below and the references. Never held while waiting for a remote. */
  private final ReentrantLock lock = new ReentrantLock();

  private BoundedRepository repository;
  private Optional<String> handedOver = Optional.empty();
  private final Acceptance acceptance = new Acceptance();

  /**
   * Opens or creates the local repository. Does not contact the remote.
   *
   * @throws SourceException when the URL or the paths of the credentials are wrong, or the local
   *     repository cannot be opened
   */
  public GitSource(GitSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.remote =
        new Remote(
            RemoteUrl.parse(settings.url()),
            settings.access(),
            settings.repository().resolveSibling("no-home"));
    this.repository = BareRepository.open(settings.repository());
    this.fetch = new HeadFetch(remote, settings.branch());
    this.verifier =
        new HeadVerifier(settings.branch(), new SignatureCheck(settings.verification()));
    this.snapshots = new Snapshots(settings.paths());
    this.collection = new CollectionSchedule(lock, this::repository, new MonotonicClock(clock));
    replaceIfDamaged();
  }

  /** Replaces the local repository if the served files cannot be read from it. */
  private void replaceIfDamaged() {
    try {
      Optional<ObjectId> served = BareRepository.ref(repository, SERVED);
      if (served.isPresent()) {
        snapshots.of(repository, served.get());
      }
    } catch (IOException | RuntimeException e) {
      replace(e);
    }
  }

  private void replace(Exception cause) {
    LOG.warn(
        "the local repository {} is damaged ({}); it is moved aside and fetched again",
        settings.repository(),
        cause.getMessage());
    repository.close();
    snapshots.forget();
    repository = BareRepository.replace(settings.repository(), clock.instant());
  }

  @Override
  public PollResult poll(Optional<String> served, boolean allowRewrite) {
    try (var _ = new HeldLock(pollLock)) {
      FetchBounds bounds = new FetchBounds(clock, settings.access().fetchTimeout());
      return withTimeout(
          bounds, () -> pollOnce(served.map(ObjectId::fromString), allowRewrite, bounds));
    }
  }

  /**
   * Limits the duration of a poll, because JGit can block in places where its own timeouts have no
   * effect.
   */
  private PollResult withTimeout(FetchBounds bounds, Callable<PollResult> work) {
    FutureTask<PollResult> task = new FutureTask<>(work);
    Thread thread = Thread.ofVirtual().name("git-poll").start(task);
    long longest = settings.access().fetchTimeout().plusSeconds(1).toMillis();
    try {
      return task.get(longest, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return fetch.failure(
          "it took longer than " + settings.access().fetchTimeout().toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return fetch.failure("the poll was interrupted");
    } catch (ExecutionException e) {
      return fetch.failure(e.getCause() == null ? e : e.getCause());
    } finally {
      bounds.cancel();
      thread.interrupt();
    }
  }

  private PollResult pollOnce(Optional<ObjectId> served, boolean allowRewrite, FetchBounds bounds)
      throws IOException {
    Repository local = repository();
    return switch (fetch.findHead(local)) {
      case HeadFetch.Head.Missing(PollResult.Refused why) -> why;
      case HeadFetch.Head.At(ObjectId id) -> {
        if (isCurrent(id, served)) {
          yield new PollResult.Unchanged(id.name());
        }
        Optional<ObjectId> seen = BareRepository.ref(local, SEEN);
        boolean fetched = seen.filter(id::equals).isPresent();
        ObjectId head = fetched ? id : fetch(fetch, SEEN, bounds);
        yield verify(local, head, served, allowRewrite, bounds);
      }
    };
  }

  /**
   * Fetches a branch into the local repository.
   *
   * @return its head
   */
  ObjectId fetch(HeadFetch branch, String into, FetchBounds bounds) throws IOException {
    return collection.fetch(() -> branch.fetch(repository(), into, bounds));
  }

  /**
   * Returns whether the head is the one that this process handed over last. Before the first
   * hand-over, returns whether the head is in service.
   */
  private boolean isCurrent(ObjectId head, Optional<ObjectId> served) throws IOException {
    try (var _ = new HeldLock(lock)) {
      if (handedOver.isPresent()) {
        return handedOver.get().equals(head.name());
      }
      return served.filter(head::equals).isPresent() && repository.getObjectDatabase().has(head);
    }
  }

  private PollResult verify(
      Repository local,
      ObjectId head,
      Optional<ObjectId> served,
      boolean allowRewrite,
      FetchBounds bounds)
      throws IOException {
    try (var _ = new HeldLock(lock)) {
      acceptance.markFetched(local, head);
      boolean accepted = acceptance.covers(local, head.name());
      Optional<PollResult.Refused> refused =
          verifier.verify(local, head, served, allowRewrite || accepted);
      if (refused.isPresent()) {
        return refused.get();
      }
      Snapshot snapshot = snapshots.of(local, head);
      if (snapshot.tree().entries().isEmpty() && !accepted) {
        return verifier.empty(head);
      }
      // The caller of a cancelled poll has already received a failure, so the head must be handed
      // over again.
      if (!bounds.isCancelled()) {
        handedOver = Optional.of(head.name());
      }
      return new PollResult.Moved(snapshot.revision(), snapshot.tree());
    }
  }

  @Override
  public Optional<String> servedCopy() {
    return locked(
        "the revision in service",
        () -> BareRepository.ref(repository, SERVED).map(ObjectId::name));
  }

  @Override
  public Optional<Snapshot> find(String revisionId) {
    return locked(
        "revision " + revisionId,
        () -> {
          ObjectId id = ObjectId.fromString(revisionId);
          return repository.getObjectDatabase().has(id)
              ? Optional.of(snapshots.of(repository, id))
              : Optional.empty();
        });
  }

  @Override
  public Snapshot snapshot(String revisionId) {
    return locked(
        "revision " + revisionId, () -> snapshots.of(repository, ObjectId.fromString(revisionId)));
  }

  @Override
  public void accept(String sha) {
    try (var _ = new HeldLock(lock)) {
      acceptance.accept(repository, sha);
    } catch (IOException e) {
      throw unreadable("the acceptance of " + sha, e);
    }
  }

  @Override
  public boolean isAccepted(String revisionId) {
    return locked("the accepted revision", () -> acceptance.covers(repository, revisionId));
  }

  @Override
  public void markServed(String revisionId) {
    try (var _ = new HeldLock(lock)) {
      ObjectId id = ObjectId.fromString(revisionId);
      if (!repository.getObjectDatabase().has(id)) {
        throw new SourceException("revision " + revisionId + " was never fetched");
      }
      BareRepository.setRef(repository, SERVED, id);
      acceptance.consume(repository);
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable("revision " + revisionId, e);
    }
  }

  /** Work with a repository. */
  interface Work<T> {
    T run() throws IOException;
  }

  private <T> T locked(String what, Work<T> work) {
    try (var _ = new HeldLock(lock)) {
      return work.run();
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(what, e);
    }
  }

  private SourceException unreadable(String what, Exception cause) {
    return new SourceException(
        what + " is not readable in " + settings.repository() + ": " + cause.getMessage(), cause);
  }

  /** Returns the local repository, from which other classes of this package read app files. */
  BoundedRepository repository() {
    try (var _ = new HeldLock(lock)) {
      return repository;
    }
  }

  @Override
  public void close() {
    collection.close();
    try (var _ = new HeldLock(lock)) {
      fetch.close();
      remote.close();
      repository.close();
    }
  }
}
