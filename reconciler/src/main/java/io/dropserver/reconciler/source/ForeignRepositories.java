package io.dropserver.reconciler.source;

import io.dropserver.base.concurrent.HeldLock;
import io.dropserver.base.text.Sha256;
import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.schema.instance.App;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps bare copies of the repositories in {@code source: {git: …}}, one folder for each URL.
 * Fetches without credentials, because the URLs come from an instance repository and are not
 * trusted. Thread-safe.
 */
final class ForeignRepositories {
  /** The maximum number of tags of a repository that is followed. */
  static final int MAX_TAGS = 20_000;

  private static final Logger LOG = LoggerFactory.getLogger(ForeignRepositories.class);

  private static final String PINNED = "refs/dropserver/pinned/";

  private final Path cache;
  private final List<Path> open;
  private final RemoteAccess access;
  private final InstantSource clock;

  /** Locks by folder name. Each repository has at most one fetch at a time. */
  private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

  /**
   * @param open local folders that may contain foreign repositories
   * @param access without credentials
   */
  ForeignRepositories(Path cache, List<Path> open, RemoteAccess access, InstantSource clock) {
    this.cache = cache;
    this.open = open;
    this.access = access;
    this.clock = clock;
  }

  static String contentId(App.GitRepositorySource source) {
    String id = "commit-" + source.commit();
    return source.subdir().equals(".")
        ? id
        : id + "-" + HexFormat.of().formatHex(Sha256.of(source.subdir())).substring(0, 16);
  }

  AppFiles files(App.GitRepositorySource source) {
    return new Pinned(source);
  }

  /**
   * Asks a repository for its tags, without fetching objects.
   *
   * @return commits by the names of tags
   * @throws IOException with a sentence when the repository does not answer, or has more than
   *     {@value #MAX_TAGS} tags
   */
  Map<String, String> tags(String text) throws IOException {
    String name = HexFormat.of().formatHex(Sha256.of(text)).substring(0, 32);
    ReentrantLock lock = locks.computeIfAbsent(name, key -> new ReentrantLock());
    try (var _ = new HeldLock(lock);
        Repository repository = BareRepository.open(cache.resolve(name + ".git"))) {
      RemoteUrl url = RemoteUrl.parse(text);
      new OpenFolders(open).require(url);
      try (Remote remote = new Remote(url, access, cache.resolve("no-home"));
          Transport transport = remote.open(repository);
          FetchConnection connection = transport.openFetch()) {
        Map<String, String> tags = new HashMap<>();
        for (Ref ref : connection.getRefs()) {
          ObjectId commit =
              ref.getPeeledObjectId() == null ? ref.getObjectId() : ref.getPeeledObjectId();
          if (ref.getName().startsWith(Constants.R_TAGS) && commit != null) {
            tags.put(ref.getName().substring(Constants.R_TAGS.length()), commit.name());
          }
          if (tags.size() > MAX_TAGS) {
            throw new IOException(text + " has more than " + MAX_TAGS + " tags");
          }
        }
        return tags;
      }
    } catch (org.eclipse.jgit.errors.TransportException | SourceException e) {
      throw new IOException(
          text + " cannot be asked for its tags: " + UntrustedCertificate.reason(e), e);
    }
  }

  private final class Pinned implements AppFiles {
    private final App.GitRepositorySource source;

    Pinned(App.GitRepositorySource source) {
      this.source = source;
    }

    /**
     * Returns an ID that depends on the commit and not on the URL, because a commit ID identifies
     * its content.
     */
    @Override
    public String contentId() {
      return ForeignRepositories.contentId(source);
    }

    @Override
    public void copyTo(Sink sink) throws IOException {
      String name = HexFormat.of().formatHex(Sha256.of(source.url())).substring(0, 32);
      ReentrantLock lock = locks.computeIfAbsent(name, key -> new ReentrantLock());
      try (var _ = new HeldLock(lock);
          BoundedRepository repository = BareRepository.open(cache.resolve(name + ".git"))) {
        if (BareRepository.ref(repository, PINNED + source.commit()).isEmpty()) {
          fetch(repository);
          collect(repository);
        }
        AppSources.folder(repository, source.commit(), source.subdir()).copyTo(sink);
      } catch (SourceException e) {
        throw new IOException(e.getMessage(), e);
      }
    }

    /** The lock of the repository is held. A failure does not concern the files of the app. */
    private void collect(BoundedRepository repository) {
      try {
        if (GarbageCollection.isDue(repository)) {
          GarbageCollection.run(repository, () -> false);
        }
      } catch (IOException | RuntimeException e) {
        LOG.warn("the copy of {} cannot be collected: {}", source.url(), e.getMessage());
      }
    }

    private void fetch(Repository repository) throws IOException {
      RemoteUrl url = RemoteUrl.parse(source.url());
      new OpenFolders(open).require(url);
      try (Remote remote = new Remote(url, access, cache.resolve("no-home"))) {
        FetchBounds bounds = new FetchBounds(clock, access.fetchTimeout());
        if (!fetchCommit(remote, repository, bounds)) {
          fetchBranches(remote, repository, bounds);
        }
        ObjectId commit = ObjectId.fromString(source.commit());
        if (!repository.getObjectDatabase().has(commit)) {
          throw new IOException(
              "commit " + source.commit() + " is on no branch or tag of " + source.url());
        }
        BareRepository.setRef(repository, PINNED + source.commit(), commit);
      }
    }

    /**
     * Fetches only the pinned commit. Returns false if the server does not allow fetching a commit
     * by its ID.
     */
    private boolean fetchCommit(Remote remote, Repository repository, FetchBounds bounds)
        throws IOException {
      try (Transport transport = remote.open(repository)) {
        transport.setDepth(1);
        transport.fetch(bounds, List.of(new RefSpec(source.commit() + ":" + PINNED + "incoming")));
        return repository.getObjectDatabase().has(ObjectId.fromString(source.commit()));
      } catch (org.eclipse.jgit.errors.TransportException e) {
        return false;
      }
    }

    private void fetchBranches(Remote remote, Repository repository, FetchBounds bounds)
        throws IOException {
      try (Transport transport = remote.open(repository)) {
        transport.fetch(
            bounds,
            List.of(
                new RefSpec("+refs/heads/*:refs/dropserver/heads/*"),
                new RefSpec("+refs/tags/*:refs/dropserver/tags/*")));
      } catch (org.eclipse.jgit.errors.TransportException e) {
        throw new IOException(
            source.url() + " cannot be fetched: " + UntrustedCertificate.reason(e), e);
      }
    }
  }
}
