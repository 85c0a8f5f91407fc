package io.dropserver.reconciler.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The local folders that may contain foreign repositories.
 *
 * @param folders from the host configuration
 */
record OpenFolders(List<Path> folders) {

  /**
   * Checks that a local repository is in an open folder. Validation checked the path already, but a
   * symbolic link may have changed since.
   */
  void require(RemoteUrl url) throws IOException {
    if (url.transfer() != RemoteUrl.Transfer.LOCAL) {
      return;
    }
    url.requireReadable();
    Path real = Path.of(url.uri().getPath()).toRealPath();
    for (Path folder : folders) {
      if (Files.isDirectory(folder) && real.startsWith(folder.toRealPath())) {
        return;
      }
    }
    throw new IOException(
        "%s is on this machine and its folder is not open; use https, or open the folder in the host's configuration: apps.localRepositories"
            .formatted(url.text()));
  }
}
