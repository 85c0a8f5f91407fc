package io.dropserver.reconciler;

import io.dropserver.reconciler.backup.BackupConditions;
import io.dropserver.schema.instance.Appspace;
import io.dropserver.schema.status.Condition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Conditions of backups, available once backups are open. Thread-safe. */
final class LateConditions {
  private final AtomicReference<Optional<BackupConditions>> teller =
      new AtomicReference<>(Optional.empty());

  void passTo(BackupConditions conditions) {
    teller.set(Optional.of(conditions));
  }

  List<Condition> of(Appspace appspace) {
    return teller.get().map(conditions -> conditions.of(appspace)).orElse(List.of());
  }

  List<Condition> ofServer() {
    return teller.get().map(BackupConditions::ofServer).orElse(List.of());
  }
}
