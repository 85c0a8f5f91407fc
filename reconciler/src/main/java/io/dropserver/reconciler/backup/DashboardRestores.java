package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.BackupSource;
import io.dropserver.backup.restic.ResticRepository.FileChange;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupVerb;
import io.dropserver.control.ControlException;
import io.dropserver.control.RestoreControl;
import io.dropserver.control.RestorePreview;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Restores that a person requests in the dashboard. Thread-safe.
 *
 * @param service lists backups and runs restores
 */
public record DashboardRestores(
    BackupEngine backupEngine, BackupRuns runs, Appspaces appspaces, BackupService service)
    implements RestoreControl {
  /** Files of a preview that are named; the others are only counted. */
  private static final int SHOWN = 100;

  /** The data of an appspace in a snapshot; the rest describes it. */
  private static final String DATA = "/data/";

  @Override
  public List<BackupEntry> backups(String appspace) {
    BackupSource.AppspaceDeclaration own = declaration(appspace);
    return service.snapshots().stream()
        .filter(
            entry ->
                entry.appspace().equals(appspace)
                    && entry.app().equals(own.app())
                    && entry.owner().equals(own.owner()))
        .toList();
  }

  private BackupSource.AppspaceDeclaration declaration(String appspace) {
    return appspaces
        .find(appspace)
        .map(Appspaces.Declared::declaration)
        .orElseThrow(
            () ->
                new ControlException(
                    "there is no appspace "
                        + appspace
                        + " in the served revision; declare it first"));
  }

  @Override
  public RestorePreview preview(String appspace, String snapshot) {
    BackupEntry chosen = own(appspace, snapshot);
    try {
      BackupReport current = runs.backUp(appspace, ProgressListener.NONE);
      ResticSnapshot to = runs.find(chosen.snapshot(), appspace);
      Map<FileChange.Kind, Long> counts = new EnumMap<>(FileChange.Kind.class);
      List<String> files = new ArrayList<>();
      backupEngine
          .repository()
          .diff(current.snapshot(), to.id(), change -> count(change, counts, files));
      return new RestorePreview(
          chosen.snapshot(),
          chosen.time(),
          current.snapshot().substring(0, 8),
          counts.getOrDefault(FileChange.Kind.ADDED, 0L),
          counts.getOrDefault(FileChange.Kind.CHANGED, 0L),
          counts.getOrDefault(FileChange.Kind.REMOVED, 0L),
          files);
    } catch (BackupException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
  }

  private static void count(
      FileChange change, Map<FileChange.Kind, Long> counts, List<String> files) {
    if (!change.path().startsWith(DATA)) {
      return;
    }
    counts.merge(change.kind(), 1L, Long::sum);
    if (files.size() < SHOWN) {
      String sign =
          switch (change.kind()) {
            case ADDED -> "+ ";
            case CHANGED -> "~ ";
            case REMOVED -> "- ";
          };
      files.add(sign + change.path().substring(DATA.length()));
    }
  }

  @Override
  public void restore(String appspace, String snapshot) {
    BackupEntry chosen = own(appspace, snapshot);
    var _ =
        service.run(
            new BackupOrder(
                BackupVerb.RESTORE,
                Optional.of(appspace),
                Optional.of(chosen.snapshot()),
                Optional.empty(),
                List.of()),
            _ -> {});
  }

  private BackupEntry own(String appspace, String snapshot) {
    return backups(appspace).stream()
        .filter(entry -> entry.snapshot().equals(snapshot))
        .findFirst()
        .orElseThrow(
            () ->
                new ControlException(
                    "there is no backup "
                        + snapshot
                        + " of this appspace, its app and its owner; choose another"));
  }
}
