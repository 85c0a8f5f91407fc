package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.state.condition.BackupReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Backs up and restores a file with the restic of this machine. */
public final class ResticTrial {
  private static final String TEXT = "a line\n";
  private static final List<String> GROUP = List.of("trial");

  private ResticTrial() {}

  /**
   * Runs the trial.
   *
   * @param folder empty; receives a repository, which the caller deletes
   * @return the version of restic
   * @throws BackupException when restic is missing, too old or does not return the file
   */
  public static String run(Path folder) throws IOException {
    return run(folder, ResticProgram.ofSystem());
  }

  static String run(Path folder, ResticProgram program) throws IOException {
    Path data = Files.createDirectories(folder.resolve("source").resolve("data"));
    Files.writeString(data.resolve("file"), TEXT);
    Path password = Files.writeString(folder.resolve("password"), "trial");
    RepositorySettings settings =
        new RepositorySettings(
            folder.resolve("repository").toString(),
            password,
            Optional.empty(),
            Files.createDirectory(folder.resolve("cache")));
    try (ResticRepository repository = new ResticRepository(settings, program)) {
      repository.open(true);
      String snapshot = store(repository, folder);
      Path target = folder.resolve("restored");
      repository.restore(snapshot, "data", List.of(), target, ProgressListener.NONE);
      if (!Files.readString(target.resolve("file")).equals(TEXT)) {
        throw new BackupException(
            BackupReason.BACKUP_FAILED, "restic restored another content than it stored");
      }
    }
    return program.require().version().toString();
  }

  private static String store(ResticRepository repository, Path folder) {
    Path gate = folder.resolve("gate");
    try (PendingBackup pending =
        repository.begin(folder.resolve("source"), gate, GROUP, ProgressListener.NONE)) {
      return pending.store();
    }
  }
}
