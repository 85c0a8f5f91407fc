package io.dropserver.server;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.reconciler.backup.EarlierBackups;
import io.dropserver.reconciler.source.EarlierCommits;
import io.dropserver.reconciler.source.GitSettings;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.state.StateException;
import io.dropserver.state.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Decides whether a server may start with an empty state folder. The folder may be empty because
 * its disk is not mounted; a server would then serve every app without its data.
 */
public record FirstStart(HostConfig config, StateFolder folder, InstantSource clock) {

  /**
   * Requires that nothing shows an earlier server, if the state folder is empty. Searches the
   * backup repositories, and the config repository if this server may write to it. What cannot be
   * searched may show an earlier server.
   *
   * @throws StateException otherwise
   */
  public void requireNoEarlierServer() {
    folder.requireRecovered();
    if (folder.content().isPresent()) {
      return;
    }
    Optional<String> found;
    try {
      found = search();
    } catch (IOException e) {
      throw new StateException(
          "the state folder %s cannot be written: %s; choose another with --state"
              .formatted(folder.root(), e),
          e);
    }
    if (found.isPresent()) {
      throw new StateException(
          "the state folder %s is empty, but %s; mount the disk that contains the state folder; or fill the folder from the backups with `dropserver recover`; or begin a new server, with empty data, with `dropserver run --new`"
              .formatted(folder.root(), found.get()));
    }
  }

  /**
   * Requires an empty state folder, for an operator who asked for a new server.
   *
   * @throws StateException otherwise
   */
  public void requireEmpty() {
    Optional<Path> content = folder.content();
    if (content.isPresent()) {
      throw new StateException(
          "--new begins a new server, but the state folder %s already contains %s of one; start without --new"
              .formatted(folder.root(), folder.root().relativize(content.get())));
    }
  }

  /** Uses a folder in the state folder, because a server needs no other writable folder. */
  private Optional<String> search() throws IOException {
    Path root = folder.root().toAbsolutePath();
    boolean existed = Files.exists(root);
    Files.createDirectories(root);
    try (TemporaryFolder temporary = TemporaryFolder.create(root, "first-start")) {
      return search(temporary.path());
    } finally {
      if (!existed) {
        Files.deleteIfExists(root);
      }
    }
  }

  private Optional<String> search(Path temporary) throws IOException {
    BackupFolders folders = new BackupFolders(folder.backups());
    for (RepositorySettings each : BackupModule.allSettings(config.backup(), folders)) {
      Optional<String> found =
          EarlierBackups.find(each, Files.createTempDirectory(temporary, "backups"));
      if (found.isPresent()) {
        return found;
      }
    }
    Repo repo = config.repo().orElseThrow();
    return RepositoryAccess.writeAccess(repo).isEmpty()
        ? Optional.empty()
        : commits(repo, temporary);
  }

  private Optional<String> commits(Repo repo, Path temporary) {
    GitSettings settings = RepositoryAccess.gitSettings(repo, temporary.resolve("search.git"));
    return EarlierCommits.find(settings, clock);
  }
}
