package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.UpgradeSafety;
import io.dropserver.schema.state.StateException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** What changes of version ask of backups, once there is who does it. Thread-safe. */
final class LateSafety implements UpgradeSafety {
  private final AtomicReference<Optional<UpgradeSafety>> bound =
      new AtomicReference<>(Optional.empty());

  void passTo(UpgradeSafety safety) {
    bound.set(Optional.of(safety));
  }

  private UpgradeSafety safety() {
    return bound
        .get()
        .orElseThrow(() -> new StateException("backups are not ready yet; try again"));
  }

  @Override
  public void backUp(String appspace) {
    safety().backUp(appspace);
  }

  @Override
  public void copy(Path from, Path to, long storageBytes) {
    safety().copy(from, to, storageBytes);
  }

  @Override
  public Optional<Earlier> newest(String appspace, String app, String owner, String version) {
    return safety().newest(appspace, app, owner, version);
  }
}
