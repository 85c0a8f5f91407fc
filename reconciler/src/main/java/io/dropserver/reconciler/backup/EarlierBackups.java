package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.state.AtomicFiles;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds what an earlier server left in a backup repository. Changes nothing there. */
public final class EarlierBackups {
  private EarlierBackups() {}

  /**
   * Returns a clause that names what was found, or why the repository cannot be read; empty if the
   * repository does not exist or has no backup of a server.
   *
   * @param temporary an empty folder
   */
  public static Optional<String> find(RepositorySettings settings, Path temporary)
      throws IOException {
    String where = settings.repository();
    if (settings.isLocal() && !Files.exists(Path.of(where))) {
      return Optional.empty(); // restic may be missing on the machine of a new server
    }
    boolean hasPassword = Files.exists(settings.passwordFile());
    Path password =
        hasPassword ? settings.passwordFile() : substitute(temporary.resolve("no-password"));
    RepositorySettings reading =
        new RepositorySettings(where, password, settings.environmentFile(), temporary);
    try (ResticRepository repository = new ResticRepository(reading)) {
      return repository.exists() ? newest(repository.snapshots(), where) : Optional.empty();
    } catch (BackupException e) {
      return Optional.of(
          e.reason() == BackupReason.WRONG_PASSWORD
              ? "the backup repository %s exists, and %s %s"
                  .formatted(
                      where,
                      settings.passwordFile(),
                      hasPassword
                          ? "does not contain its password"
                          : "with its password is missing")
              : "it is not known whether the backup repository %s has backups: %s"
                  .formatted(where, e.getMessage()));
    }
  }

  /** restic opens no repository without a password, and reports a missing one first. */
  private static Path substitute(Path file) throws IOException {
    AtomicFiles.write(file, "none".getBytes(StandardCharsets.US_ASCII));
    return file;
  }

  private static Optional<String> newest(List<ResticSnapshot> all, String where) {
    return all.stream()
        .filter(
            each ->
                each.tags().contains(BackupEngine.SERVER_TAG) || each.tag("appspace").isPresent())
        .findFirst()
        .map(
            newest ->
                "the backup repository %s has backups, the newest of %s"
                    .formatted(where, RepositoryCondition.text(newest.time())));
  }
}
