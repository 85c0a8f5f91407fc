package io.dropserver.web.control;

import io.dropserver.control.BackupControl;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.ControlException;
import io.dropserver.control.Erasure;
import io.dropserver.control.OperationFailedException;
import io.dropserver.control.RecoveryKit;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Makes no backups: it reports one step, and then returns its arguments, refuses or fails. */
final class FakeBackups implements BackupControl {
  @Override
  public List<BackupEntry> backups(Optional<String> repository) {
    return List.of();
  }

  @Override
  public BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress) {
    if (order.appspace().equals(Optional.of("unknown"))) {
      throw new ControlException("there is no appspace \"unknown\"");
    }
    if (order.appspace().equals(Optional.of("full"))) {
      throw OperationFailedException.of(new IOException("/data: No space left on device"));
    }
    progress.accept(new BackupStep(order.appspace().orElse(""), "copying", 50, 7, 1));
    return new BackupOutcome(
        String.join("|", order.only()), Map.of("verb", order.verb().toString()));
  }

  @Override
  public BackupOutcome erase(Erasure erasure, Consumer<BackupStep> progress) {
    return new BackupOutcome(erasure.toString(), Map.of("complete", true));
  }

  @Override
  public RecoveryKit recoveryKit() {
    return new RecoveryKit(
        "/backups",
        "secret",
        Optional.empty(),
        "/home.git",
        "main",
        List.of("/etc/dropserver/dropserver.yaml"),
        List.of());
  }
}
