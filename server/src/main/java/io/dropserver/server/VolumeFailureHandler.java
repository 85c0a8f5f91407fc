package io.dropserver.server;

import io.dropserver.reconciler.status.SandboxFailures;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.sandbox.lifecycle.Sandboxes;
import io.dropserver.sandbox.storage.Storage;
import io.dropserver.sandbox.storage.VolumeHost;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what the disk guard requests: freezes sandboxes that write while the disk is short,
 * reports volumes that turned read-only, and remounts those when the disk has room. Thread-safe.
 */
final class VolumeFailureHandler implements Storage.Writers {
  private static final Logger LOG = LoggerFactory.getLogger(VolumeFailureHandler.class);

  private final Sandboxes sandboxes;
  private final VolumeHost host;
  private final SandboxFailures failures;
  private final Set<Path> checking = ConcurrentHashMap.newKeySet();

  VolumeFailureHandler(Sandboxes sandboxes, VolumeHost host, SandboxFailures failures) {
    this.sandboxes = sandboxes;
    this.host = host;
    this.failures = failures;
  }

  @Override
  public void freeze(Path folder) {
    try {
      sandboxes.freezeForDisk(folder);
    } catch (SandboxException notFrozen) {
      LOG.warn("{} could not be frozen for the full disk: {}", folder, notFrozen.getMessage());
    }
  }

  @Override
  public void thaw(Path folder) {
    sandboxes.thawForDisk(folder);
  }

  @Override
  public void failed(Path folder, boolean hasRoom) {
    if (checking.add(folder)) {
      var _ = Thread.ofVirtual().name("volume-check").start(() -> handle(folder, hasRoom));
    }
  }

  /**
   * Unmounts the volume and mounts it again, which checks its file system. Mounts it even if no
   * sandbox runs, so that a running backup does not find an empty folder.
   */
  private void remount(Path folder) {
    host.release(folder);
    host.makeReadable(folder);
  }

  private void handle(Path folder, boolean hasRoom) {
    try {
      Optional<String> appspace = sandboxes.appspaceOf(folder);
      appspace.ifPresent(failures::storageFailed);
      if (hasRoom) {
        appspace.ifPresentOrElse(
            name -> sandboxes.whileStopped(name, () -> remount(folder)), () -> remount(folder));
        appspace.ifPresent(failures::storageRepaired);
      }
    } catch (SandboxException inUse) {
      LOG.debug("{} is in use and will be checked later: {}", folder, inUse.getMessage());
    } finally {
      checking.remove(folder);
    }
  }
}
