package io.dropserver.reconciler.server;

import io.dropserver.reconciler.backup.BackupConditions;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.status.Condition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Conditions of backups, available once backups are open. Thread-safe. */
final class DeferredBackupConditions {
  private final AtomicReference<Optional<BackupConditions>> bound =
      new AtomicReference<>(Optional.empty());

  void connectTo(BackupConditions conditions) {
    bound.set(Optional.of(conditions));
  }

  List<Condition> of(Appspace appspace) {
    return bound.get().map(conditions -> conditions.of(appspace)).orElse(List.of());
  }

  List<Condition> ofServer() {
    return bound.get().map(BackupConditions::ofServer).orElse(List.of());
  }
}
