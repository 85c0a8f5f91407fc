package io.dropserver.reconciler.source;

import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.sandbox.app.NpmFiles;
import io.dropserver.sandbox.app.SupplementedFiles;
import io.dropserver.schema.instance.App;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jgit.errors.IncorrectObjectTypeException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.ObjectInserter;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.treewalk.TreeWalk;

/** Finds app files in Git: in the config repository or in a foreign repository. Thread-safe. */
public final class AppSources {
  private final GitSource config;
  private final ForeignRepositories foreign;

  /**
   * @param cache folder in the state folder for bare copies of foreign repositories
   * @param open local folders that may contain foreign repositories
   * @param access to foreign repositories, without credentials
   */
  public AppSources(
      GitSource config, Path cache, List<Path> open, RemoteAccess access, InstantSource clock) {
    this.config = config;
    this.foreign = new ForeignRepositories(cache, open, access, clock);
  }

  /**
   * Returns a folder of the config repository. Reads only the local repository.
   *
   * @param revisionId the revision that contains the App document
   * @throws IOException when the commit or folder does not exist, with a message for the author of
   *     the document
   */
  public AppFiles files(App.PathSource source, String revisionId) throws IOException {
    String commit = source.commit().orElse(revisionId);
    return folder(config.repository(), commit, source.path());
  }

  /**
   * Returns a folder of another repository. That repository is fetched only when the files are
   * copied.
   */
  public AppFiles files(App.GitRepositorySource source) {
    return foreign.files(source);
  }

  /** See {@link ForeignRepositories#tags}. */
  public Map<String, String> tags(String url) throws IOException {
    return foreign.tags(url);
  }

  /**
   * Returns the generated folder of a package from npm. Reads only the local repository.
   *
   * @param revisionId the revision that contains the App document
   * @throws IOException when that revision does not contain the lock file
   */
  public AppFiles files(App.NpmSource source, String revisionId) throws IOException {
    return npm(config.repository(), source, revisionId);
  }

  /** Returns a lock file that has not been committed yet, with the id that Git will give it. */
  public static NpmFiles.Lock newLock(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try (ObjectInserter.Formatter formatter = new ObjectInserter.Formatter()) {
      return new NewLock(formatter.idFor(Constants.OBJ_BLOB, bytes).name(), text);
    }
  }

  private record NewLock(String id, String text) implements NpmFiles.Lock {
    @Override
    public byte[] read() {
      return text.getBytes(StandardCharsets.UTF_8);
    }
  }

  static NpmFiles npm(Repository repository, App.NpmSource source, String revisionId)
      throws IOException {
    Optional<NpmFiles.Lock> lock = Optional.empty();
    if (source.lock().isPresent()) {
      lock = Optional.of(GitLockFile.find(repository, revisionId, source.lock().get()));
    }
    return new NpmFiles(source, lock);
  }

  /**
   * Returns the files of a version with what its entry adds to them. Reads only the local
   * repository.
   *
   * @param files those of the version's source
   * @param revisionId the revision that contains the App document
   * @throws IOException when that revision does not contain the lock file
   */
  public AppFiles supplemented(AppFiles files, App.AppVersion version, String revisionId)
      throws IOException {
    return SupplementedFiles.needed(version)
        ? new SupplementedFiles(files, version, lock(config.repository(), version, revisionId))
        : files;
  }

  private static Optional<NpmFiles.Lock> lock(
      Repository repository, App.AppVersion version, String revisionId) throws IOException {
    Optional<App.LockFile> lock = version.additions().lock();
    return lock.isPresent()
        ? Optional.of(GitLockFile.find(repository, revisionId, lock.get()))
        : Optional.empty();
  }

  /**
   * Returns the content ID of a version with what its entry adds.
   *
   * @param source the content ID of the source alone
   */
  static String contentId(
      Repository repository, String source, App.AppVersion version, String revisionId)
      throws IOException {
    return SupplementedFiles.needed(version)
        ? SupplementedFiles.contentId(
            source, version, lock(repository, version, revisionId).map(NpmFiles.Lock::id))
        : source;
  }

  static GitAppFiles folder(Repository repository, String commit, String path) throws IOException {
    String place = path + " in " + commit.substring(0, Math.min(7, commit.length()));
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit parsed = walk.parseCommit(ObjectId.fromString(commit));
      ObjectId root = parsed.getTree().copy();
      if (path.equals(".")) {
        return GitAppFiles.ofTree(repository, root, place);
      }
      try (TreeWalk at = TreeWalk.forPath(repository, trimmed(path), root)) {
        if (at == null || !at.isSubtree()) {
          throw new IOException("the folder " + place + " does not exist");
        }
        return GitAppFiles.ofTree(repository, at.getObjectId(0), place);
      }
    } catch (MissingObjectException | IncorrectObjectTypeException | IllegalArgumentException e) {
      throw new IOException(
          "commit " + commit + " is not in the repository; push it, or correct `commit`", e);
    }
  }

  private static String trimmed(String path) {
    String text = path.startsWith("./") ? path.substring(2) : path;
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }
}
