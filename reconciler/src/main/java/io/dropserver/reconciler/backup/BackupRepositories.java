package io.dropserver.reconciler.backup;

import io.dropserver.control.BackupControl;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.control.RecoveryKit;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Passes each requested operation to the repository that it names. Thread-safe.
 *
 * @param further by name
 */
public record BackupRepositories(
    BackupService first,
    SortedMap<String, BackupService> further,
    Eraser eraser,
    Supplier<RecoveryKit> kit)
    implements BackupControl {
  @Override
  public List<BackupEntry> backups(Optional<String> repository) {
    return service(repository).snapshots();
  }

  @Override
  public BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress) {
    return service(order.repository()).run(order, progress);
  }

  @Override
  public BackupOutcome erase(Erasure erasure, Consumer<BackupStep> progress) {
    return BackupService.translateErrors(() -> eraser.erase(erasure, progress));
  }

  @Override
  public RecoveryKit recoveryKit() {
    return BackupService.translateErrors(kit);
  }

  private BackupService service(Optional<String> repository) {
    if (repository.isEmpty()) {
      return first;
    }
    BackupService service = further.get(repository.get());
    if (service == null) {
      String known =
          further.isEmpty() ? "it has none" : "it has " + String.join(", ", further.keySet());
      throw new ControlException(
          "the host's configuration has no repository \"%s\" in backup.repositories; %s; omit --in for the first repository"
              .formatted(repository.get(), known));
    }
    return service;
  }
}
