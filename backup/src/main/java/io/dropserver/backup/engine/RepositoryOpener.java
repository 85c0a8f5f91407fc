package io.dropserver.backup.engine;

import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** Opens the repository before its first use. Thread-safe. */
final class RepositoryOpener {
  private final BackupFolders folders;
  private final ResticRepository resticRepository;
  private boolean open; // guarded by this

  RepositoryOpener(BackupFolders folders, ResticRepository resticRepository) {
    this.folders = folders;
    this.resticRepository = resticRepository;
  }

  /** Creates the repository on first use. Fails if a repository that existed before is missing. */
  synchronized void open() {
    if (open) {
      return;
    }
    try {
      String where = resticRepository.settings().repository();
      boolean madeBefore =
          Files.exists(folders.repositoryMarker())
              && Files.readString(folders.repositoryMarker()).equals(where);
      resticRepository.open(!madeBefore);
      if (!madeBefore) {
        AtomicFiles.write(folders.repositoryMarker(), where.getBytes(StandardCharsets.UTF_8));
      }
      open = true;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot record the location of the repository", e);
    }
  }
}
