package io.dropserver.backup.restic;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Location and credentials of the restic repository.
 *
 * @param repository in restic's syntax: an absolute folder, or a URL such as {@code sftp:}, {@code
 *     rest:} or {@code s3:}
 * @param passwordFile read by every restic command
 * @param environmentFile lines {@code NAME=value}, such as the keys of an object store
 * @param cache folder of restic's cache of a remote repository
 */
public record RepositorySettings(
    String repository, Path passwordFile, Optional<Path> environmentFile, Path cache) {

  /** Returns whether the repository is a folder of this machine. */
  public boolean isLocal() {
    return repository.startsWith("/");
  }
}
