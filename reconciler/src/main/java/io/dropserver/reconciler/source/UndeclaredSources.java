package io.dropserver.reconciler.source;

import io.dropserver.sandbox.app.AppFiles;
import io.dropserver.schema.instance.App;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.Transport;

/**
 * Fetches apps from Git repositories that no App document declares yet, in the same way and within
 * the same bounds as a server: without credentials, submodules, hooks and filters. Thread-safe.
 */
public final class UndeclaredSources {
  private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");

  private final Path cache;
  private final List<Path> open;
  private final ForeignRepositories foreign;

  /**
   * @param cache a folder that only this process can write
   * @param open local folders that may contain repositories
   */
  public UndeclaredSources(Path cache, List<Path> open, InstantSource clock) {
    this.cache = cache;
    this.open = open;
    this.foreign = new ForeignRepositories(cache, open, RemoteAccess.anonymous(), clock);
  }

  /** Returns the files at a commit. They are fetched only when they are copied. */
  public AppFiles files(App.GitRepositorySource source) {
    return foreign.files(source);
  }

  /**
   * Returns the commit that a branch, a tag or a commit ID means now.
   *
   * @param text the URL of the repository
   * @return 40 hex digits
   * @throws IOException with a message for the person who named the repository
   */
  public String commit(String text, String revision) throws IOException {
    if (COMMIT.matcher(revision).matches()) {
      return revision;
    }
    try {
      RemoteUrl url = RemoteUrl.parse(text);
      new OpenFolders(open).require(url);
      Map<String, String> found = new TreeMap<>();
      List<String> names = names(revision);
      try (Repository local = BareRepository.open(cache.resolve("names.git"));
          Remote remote = new Remote(url, RemoteAccess.anonymous(), cache.resolve("no-home"));
          Transport transport = remote.open(local);
          FetchConnection connection = transport.openFetch()) {
        for (Ref ref : connection.getRefs()) {
          if (names.contains(ref.getName())) {
            commit(ref).ifPresent(id -> found.put(ref.getName(), id));
          }
        }
      }
      return only(found, text, revision);
    } catch (org.eclipse.jgit.errors.TransportException
        | org.eclipse.jgit.errors.NotSupportedException
        | SourceException e) {
      throw new IOException(text + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<String> names(String revision) {
    List<String> names = new ArrayList<>();
    if (revision.equals(Constants.HEAD) || revision.startsWith(Constants.R_REFS)) {
      names.add(revision);
    } else {
      names.add(Constants.R_HEADS + revision);
      names.add(Constants.R_TAGS + revision);
    }
    return names;
  }

  private static Optional<String> commit(Ref ref) {
    return Optional.ofNullable(ref.getPeeledObjectId())
        .or(() -> Optional.ofNullable(ref.getObjectId()))
        .map(ObjectId::name);
  }

  private static String only(Map<String, String> found, String url, String revision)
      throws IOException {
    if (found.isEmpty()) {
      throw new IOException(
          "%s has no branch and no tag %s; write one of its branches, tags or whole commit ids"
              .formatted(url, revision));
    }
    if (new TreeSet<>(found.values()).size() > 1) {
      throw new IOException(
          "%s is a branch and a tag of %s; write %s"
              .formatted(revision, url, String.join(" or ", found.keySet())));
    }
    return found.values().iterator().next();
  }
}
