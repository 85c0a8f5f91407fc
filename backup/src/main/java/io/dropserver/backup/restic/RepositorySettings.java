package io.dropserver.backup.restic;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where backups go.
 *
 * @param repository as restic takes it: an absolute folder, or {@code sftp:}, {@code rest:}, {@code
 *     s3:} and so on
 * @param passwordFile read at each call
 * @param environmentFile lines {@code NAME=value}, such as the keys of an object store
 * @param cache for what restic keeps of a remote repository
 */
public record RepositorySettings(
    String repository, Path passwordFile, Optional<Path> environmentFile, Path cache) {

  /** Whether it lies in a folder of this machine. */
  public boolean local() {
    return repository.startsWith("/");
  }
}
