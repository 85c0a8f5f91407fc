package io.dropserver.reconciler;

import io.dropserver.reconciler.converge.Departures;
import io.dropserver.reconciler.converge.UpgradeSafety;
import io.dropserver.schema.state.DataFolder;
import io.dropserver.schema.state.StateException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Backup operations before data is changed or removed, available once backups are open.
 * Thread-safe.
 */
final class LateSafety implements UpgradeSafety, Departures {
  private final AtomicReference<Optional<UpgradeSafety>> bound =
      new AtomicReference<>(Optional.empty());

  private final AtomicReference<Optional<Departures>> leaving =
      new AtomicReference<>(Optional.empty());

  void passTo(UpgradeSafety safety, Departures departures) {
    bound.set(Optional.of(safety));
    leaving.set(Optional.of(departures));
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

  /** Without backups, nothing is deleted. */
  @Override
  public void leaves(DataFolder data, Instant at, Optional<LastDeclared> last) {
    leaving.get().ifPresent(to -> to.leaves(data, at, last));
  }

  @Override
  public void left(String dataId) {
    leaving.get().ifPresent(to -> to.left(dataId));
  }

  @Override
  public boolean letGo(String dataId) {
    return leaving.get().map(to -> to.letGo(dataId)).orElse(false);
  }
}
