package io.dropserver.reconciler.source;

import io.dropserver.schema.instance.App;
import io.dropserver.schema.instance.SourceTree;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.eclipse.jgit.errors.RevisionSyntaxException;
import org.eclipse.jgit.lib.BranchConfig;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.storage.file.FileRepositoryBuilder;

/**
 * A local repository, read without a server by {@code validate --repo --rev}, {@code plan --base
 * --head} and Git hooks. Read-only.
 */
public final class LocalRepo implements AutoCloseable {
  private static final String UPSTREAM = "@{upstream}";

  private final Path path;
  private final Repository repository;
  private final Snapshots snapshots = new Snapshots(List.of());

  private LocalRepo(Path path, Repository repository) {
    this.path = path;
    this.repository = repository;
  }

  /**
   * @param path a bare repository, or a folder inside a working copy
   * @param environment of the process. In a pre-receive hook, the pushed objects are in the
   *     quarantine folder that {@code GIT_OBJECT_DIRECTORY} names, see git-receive-pack(1)
   * @throws SourceException when there is no repository
   */
  public static LocalRepo open(Path path, Map<String, String> environment) {
    IsolatedSystemReader.install();
    FileRepositoryBuilder builder = new FileRepositoryBuilder().setMustExist(true);
    try {
      locate(builder, path.toAbsolutePath().normalize());
      quarantine(builder, path.toAbsolutePath(), environment);
      return new LocalRepo(path, builder.build());
    } catch (IOException | IllegalArgumentException e) {
      throw new SourceException(path + " is not a Git repository: " + e.getMessage(), e);
    }
  }

  private static void locate(FileRepositoryBuilder builder, Path path) {
    boolean bare = Files.exists(path.resolve("HEAD")) && Files.exists(path.resolve("objects"));
    if (bare) {
      builder.setGitDir(path.toFile());
      return;
    }
    builder.findGitDir(path.toFile());
    if (builder.getGitDir() == null) {
      throw new SourceException(path + " is not in a Git repository");
    }
  }

  private static void quarantine(
      FileRepositoryBuilder builder, Path path, Map<String, String> environment) {
    String objects = environment.getOrDefault("GIT_OBJECT_DIRECTORY", "");
    if (objects.isEmpty()) {
      return;
    }
    builder.setObjectDirectory(path.resolve(objects).toFile());
    String alternates = environment.getOrDefault("GIT_ALTERNATE_OBJECT_DIRECTORIES", "");
    for (String alternate : alternates.split(File.pathSeparator, -1)) {
      if (!alternate.isEmpty()) {
        builder.addAlternateObjectDirectory(path.resolve(alternate).toFile());
      }
    }
  }

  /**
   * @param revision any revision that git-rev-parse(1) accepts
   * @throws SourceException when there is no such commit
   */
  public ConfigSource.Snapshot snapshot(String revision) {
    try {
      ObjectId id = repository.resolve(named(revision) + "^{commit}");
      if (id == null) {
        throw new SourceException(path + " has no commit " + revision);
      }
      return snapshots.of(repository, id);
    } catch (IOException | RevisionSyntaxException e) {
      throw new SourceException(
          "commit " + revision + " of " + path + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Replaces {@code @{upstream}} by the name of the branch that it stands for, because JGit fails
   * with a NullPointerException for a branch without an upstream.
   */
  private String named(String revision) throws IOException {
    if (!revision.startsWith(UPSTREAM)) {
      return revision;
    }
    String branch = repository.getBranch();
    String upstream = new BranchConfig(repository.getConfig(), branch).getTrackingBranch();
    if (upstream == null) {
      throw new SourceException("branch " + branch + " of " + path + " has no upstream");
    }
    return upstream + revision.substring(UPSTREAM.length());
  }

  /** Returns the files of a revision; see {@link #snapshot}. */
  public SourceTree tree(String revision) {
    return snapshot(revision).tree();
  }

  /**
   * Returns the content ID that the server would compute for a version, without fetching it.
   *
   * @param revisionId the revision that declares the version, 40 hex digits
   * @throws SourceException when the folder is not in the repository
   */
  public String contentId(App.AppVersion appVersion, String revisionId) {
    try {
      String source = sourceId(appVersion, revisionId);
      return AppSources.contentId(repository, source, appVersion, revisionId);
    } catch (IOException e) {
      throw new SourceException(path + ": " + e.getMessage(), e);
    }
  }

  private String sourceId(App.AppVersion appVersion, String revisionId) throws IOException {
    return switch (appVersion.source()) {
      case App.PathSource folder -> {
        String commit = folder.commit().orElse(revisionId);
        yield AppSources.folder(repository, commit, folder.path()).contentId();
      }
      case App.GitRepositorySource git -> ForeignRepositories.contentId(git);
      case App.PackageSource archive -> archive.contentId();
      case App.NpmSource npm -> AppSources.npm(repository, npm, revisionId).contentId();
    };
  }

  @Override
  public void close() {
    repository.close();
  }
}
