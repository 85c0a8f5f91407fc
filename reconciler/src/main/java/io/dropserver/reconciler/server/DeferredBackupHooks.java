package io.dropserver.reconciler.server;

import io.dropserver.reconciler.converge.AppspaceRemovalListener;
import io.dropserver.reconciler.converge.UpgradeBackups;
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
final class DeferredBackupHooks implements UpgradeBackups, AppspaceRemovalListener {
  private final AtomicReference<Optional<UpgradeBackups>> bound =
      new AtomicReference<>(Optional.empty());

  private final AtomicReference<Optional<AppspaceRemovalListener>> leaving =
      new AtomicReference<>(Optional.empty());

  void connectTo(UpgradeBackups safety, AppspaceRemovalListener appspaceRemovalListener) {
    bound.set(Optional.of(safety));
    leaving.set(Optional.of(appspaceRemovalListener));
  }

  private UpgradeBackups safety() {
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
  public void beforeRetention(DataFolder data, Instant at, Optional<LastDeclared> last) {
    leaving.get().ifPresent(to -> to.beforeRetention(data, at, last));
  }

  @Override
  public void afterRetention(String dataId) {
    leaving.get().ifPresent(to -> to.afterRetention(dataId));
  }

  @Override
  public boolean discardRecord(String dataId) {
    return leaving.get().map(to -> to.discardRecord(dataId)).orElse(false);
  }
}
