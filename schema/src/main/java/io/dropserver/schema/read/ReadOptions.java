package io.dropserver.schema.read;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Options of {@link InstanceReader#read}.
 *
 * @param paths folders of the repository that make up this instance; empty means the whole
 *     repository. Several instances can share one repository this way.
 * @param previous an earlier result for the same repository and paths: files with unchanged content
 *     are not read again
 * @param localRepositories absolute folders of the server's machine that may contain sources
 * @param lockFiles whether lock files of npm sources must exist
 */
public record ReadOptions(
    List<String> paths,
    Optional<ReadResult> previous,
    List<Path> localRepositories,
    boolean lockFiles) {
  public static final ReadOptions WHOLE_REPOSITORY = of(List.of());

  public ReadOptions {
    paths = paths.stream().map(ReadOptions::trimmed).toList();
  }

  public static ReadOptions of(List<String> paths) {
    return new ReadOptions(paths, Optional.empty(), List.of(), true);
  }

  public ReadOptions withPrevious(ReadResult earlier) {
    return new ReadOptions(paths, Optional.of(earlier), localRepositories, lockFiles);
  }

  public ReadOptions withLocalRepositories(List<Path> folders) {
    return new ReadOptions(paths, previous, folders, lockFiles);
  }

  /** Returns options for a repository in which lock files are still to be written. */
  public ReadOptions withoutLockFiles() {
    return new ReadOptions(paths, previous, localRepositories, false);
  }

  private static String trimmed(String path) {
    String clean = RelativePaths.clean(path);
    while (clean.endsWith("/")) {
      clean = clean.substring(0, clean.length() - 1);
    }
    return clean.equals(".") ? "" : clean;
  }
}
