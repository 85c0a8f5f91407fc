package io.dropserver.reconciler.server;

import io.dropserver.backup.engine.AppspaceTransfer;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.reconciler.backup.Appspaces;
import io.dropserver.reconciler.backup.BackupConditions;
import io.dropserver.reconciler.backup.BackupRuns;
import io.dropserver.reconciler.backup.BackupScheduler;
import io.dropserver.reconciler.backup.BackupService;
import io.dropserver.reconciler.backup.BackupStatusStore;
import io.dropserver.reconciler.backup.DataDeleter;
import io.dropserver.reconciler.backup.DeletionStore;
import io.dropserver.reconciler.backup.PreUpgradeBackups;
import io.dropserver.reconciler.backup.RemovedDataHandler;
import io.dropserver.reconciler.backup.Restorer;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.status.RecoveryKit;
import io.dropserver.web.dashboard.DashboardData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the backup engine, the backup schedule and the restore operations. */
record BackupModule(
    BackupEngine engine,
    AppspaceTransfer transfer,
    BackupService service,
    BackupScheduler plan,
    BackupConditions conditions,
    BackupStatusStore statusStore,
    RemovedDataHandler deletions,
    PreUpgradeBackups beforeUpgrades) {
  private static final Logger LOG = LoggerFactory.getLogger(BackupModule.class);

  /**
   * The jitter and the delay of the first retry. Backups that are due at the same instant are
   * spread over five minutes.
   */
  private static final BackupScheduler.Pace PACE =
      new BackupScheduler.Pace(Duration.ofMinutes(5), Duration.ofMinutes(10));

  static BackupModule open(
      HostConfig config,
      StateFolder folder,
      Stores stores,
      DataAccess access,
      Clock clock,
      OpenResources openResources) {
    BackupFolders folders = new BackupFolders(folder.backups());
    folders.prepare();
    RepositorySettings settings = settings(config.backup(), folders);
    if (config.backup().passwordFile().isEmpty() && folders.ensurePassword()) {
      LOG.warn(
          "created a password for backups, without which no backup can be read; store the output of"
              + " `dropserver backup recovery-kit` on another machine");
    }
    BackupEngine backupEngine =
        openResources.add(
            "backups", new BackupEngine(folders, new ResticRepository(settings), access, clock));
    AppspaceTransfer appspaceTransfer =
        openResources.add("imports and exports", new AppspaceTransfer(folders, backupEngine));
    Appspaces appspaces = new DeclaredAppspaces(stores);
    BackupStatusStore statusStore = new BackupStatusStore(stores.database(), clock);
    ServerFiles own = new ServerStateFiles(folder, stores.database());
    DeletionStore deletionStore = new DeletionStore(stores.database(), clock);
    BackupRuns runs =
        new BackupRuns(backupEngine, own, appspaces, stores.data(), statusStore, deletionStore);
    Restorer restorer =
        new Restorer(
            backupEngine, runs, appspaceTransfer, access, appspaces, stores.data(), deletionStore);
    DataDeleter dataDeleter =
        new DataDeleter(backupEngine, access, stores.data(), deletionStore, appspaces);
    BackupScheduler plan =
        openResources.add(
            "backup schedules",
            new BackupScheduler(
                runs, backupEngine, statusStore, dataDeleter, deletionStore, clock, PACE));
    BackupService backupService =
        new BackupService(
            backupEngine,
            runs,
            statusStore,
            restorer,
            appspaceTransfer,
            stores.data(),
            plan::retry,
            () -> kit(settings, config.repo().orElseThrow(), config.files()));
    return new BackupModule(
        backupEngine,
        appspaceTransfer,
        backupService,
        plan,
        new BackupConditions(statusStore, deletionStore, plan, settings, folders, clock),
        statusStore,
        new RemovedDataHandler(dataDeleter, deletionStore, plan),
        new PreUpgradeBackups(runs, backupEngine, access));
  }

  /** Returns the backup functions that the reconciler calls. */
  ReconcilerModule.Backups forReconciler() {
    return new ReconcilerModule.Backups(plan::declare, conditions::of, conditions::ofServer);
  }

  /** Returns the backup times of a declared appspace, for the dashboard. */
  DashboardData.Backups backupTimes(String appspace) {
    Optional<BackupStatusStore.BackupStatus> page = statusStore.find(appspace);
    return new DashboardData.Backups(
        page.flatMap(BackupStatusStore.BackupStatus::goodAt),
        page.flatMap(BackupStatusStore.BackupStatus::verifiedOf),
        plan.next(appspace),
        page.map(BackupStatusStore.BackupStatus::bytes).orElse(0L));
  }

  /** Interrupts running work. Idempotent. */
  void stop() {
    plan.close();
    transfer.close();
    engine.close();
  }

  static RepositorySettings settings(BackupSettings host, BackupFolders folders) {
    return new RepositorySettings(
        host.repository().orElse(folders.repository().toString()),
        host.passwordFile().orElse(folders.password()),
        host.environmentFile(),
        folders.root().resolve("cache"));
  }

  private static RecoveryKit kit(RepositorySettings settings, Repo repo, List<Path> hostFiles) {
    try {
      return new RecoveryKit(
          settings.repository(),
          Files.readString(settings.passwordFile()).strip(),
          settings.environmentFile().map(Path::toString),
          repo.url(),
          repo.branch(),
          hostFiles.stream().map(Path::toString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + settings.passwordFile(), e);
    }
  }
}
