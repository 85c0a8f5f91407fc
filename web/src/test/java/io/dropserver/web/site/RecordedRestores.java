package io.dropserver.web.site;

import io.dropserver.control.BackupEntry;
import io.dropserver.control.ControlException;
import io.dropserver.control.RestoreControl;
import io.dropserver.control.RestorePreview;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** Has one backup of each appspace, and records restores. */
final class RecordedRestores implements RestoreControl {
  static final String SNAPSHOT = "0a1b2c3d";
  static final String CURRENT = "ffee0011";

  /** One line per call that copies data, oldest first. */
  final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public List<BackupEntry> backups(String appspace) {
    return List.of(
        new BackupEntry(
            SNAPSHOT, appspace, "app", "owner", DashboardFixture.NOW, 3, 2048, Optional.empty()));
  }

  /** Previews wait for it. */
  volatile CountDownLatch held = new CountDownLatch(0);

  final CountDownLatch previewing = new CountDownLatch(1);

  @Override
  public RestorePreview preview(String appspace, String snapshot) {
    require(snapshot);
    previewing.countDown();
    try {
      held.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    lines.add("preview " + appspace + " " + snapshot);
    return new RestorePreview(
        snapshot, DashboardFixture.NOW, CURRENT, 1, 2, 0, List.of("+ <b>secret</b>.txt"));
  }

  @Override
  public void restore(String appspace, String snapshot) {
    require(snapshot);
    lines.add("restore " + appspace + " " + snapshot);
  }

  private static void require(String snapshot) {
    if (!snapshot.equals(SNAPSHOT) && !snapshot.equals(CURRENT)) {
      throw new ControlException("there is no backup " + snapshot);
    }
  }
}
