package io.dropserver.server;

import io.dropserver.backup.engine.AppspaceTransfer;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.reconciler.backup.Appspaces;
import io.dropserver.reconciler.backup.BackupRuns;
import io.dropserver.reconciler.backup.BackupScheduler;
import io.dropserver.reconciler.backup.BackupService;
import io.dropserver.reconciler.backup.BackupStatusStore;
import io.dropserver.reconciler.backup.DataDeleter;
import io.dropserver.reconciler.backup.DeletionStore;
import io.dropserver.reconciler.backup.RepositoryCondition;
import io.dropserver.reconciler.backup.RepositoryEvents;
import io.dropserver.reconciler.backup.Restorer;
import io.dropserver.schema.instance.BackupPolicy;
import java.time.Clock;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One backup repository with its engine, mirrors, schedule and results. Repositories share nothing
 * that one of them could block for a long time: each has its own threads and its own mirrors.
 *
 * @param deleter only of the first repository
 */
record RepositoryModule(
    BackupEngine engine,
    AppspaceTransfer transfer,
    BackupRuns runs,
    BackupStatusStore statusStore,
    Optional<DataDeleter> deleter,
    BackupScheduler plan,
    BackupService service,
    RepositoryCondition condition) {
  /** What all repositories share. */
  record Shared(
      Stores stores,
      DataAccess access,
      Appspaces appspaces,
      ServerFiles own,
      DeletionStore deletions,
      Clock clock,
      OpenResources resources) {}

  /**
   * @param name of a further repository; empty for the first one
   * @param schedules returns the policy that applies in this repository
   */
  static RepositoryModule open(
      Optional<String> name,
      BackupFolders folders,
      RepositorySettings settings,
      UnaryOperator<BackupPolicy> schedules,
      Shared shared) {
    folders.prepare();
    String suffix = name.map(each -> " of " + each).orElse("");
    BackupEngine engine =
        shared
            .resources()
            .add(
                "backups" + suffix,
                new BackupEngine(
                    folders, new ResticRepository(settings), shared.access(), shared.clock()));
    AppspaceTransfer transfer =
        shared
            .resources()
            .add("imports and exports" + suffix, new AppspaceTransfer(folders, engine));
    Appspaces appspaces =
        name.<Appspaces>map(each -> new RepositoryEvents(each, shared.appspaces()))
            .orElse(shared.appspaces());
    BackupStatusStore statusStore =
        new BackupStatusStore(shared.stores().database(), shared.clock(), name);
    BackupRuns runs =
        new BackupRuns(
            engine,
            shared.own(),
            appspaces,
            shared.stores().data(),
            statusStore,
            shared.deletions());
    Optional<DataDeleter> deleter =
        name.isPresent()
            ? Optional.empty()
            : Optional.of(
                new DataDeleter(
                    engine,
                    shared.access(),
                    shared.stores().data(),
                    shared.deletions(),
                    appspaces));
    BackupScheduler plan =
        shared
            .resources()
            .add(
                "backup schedules" + suffix,
                new BackupScheduler(
                    runs,
                    engine,
                    statusStore,
                    deleter,
                    schedules,
                    shared.deletions(),
                    shared.clock(),
                    BackupScheduler.Pace.DEFAULT));
    Restorer restorer =
        new Restorer(
            engine,
            runs,
            transfer,
            shared.access(),
            appspaces,
            shared.stores().data(),
            shared.deletions());
    BackupService service =
        new BackupService(
            engine, runs, statusStore, restorer, transfer, shared.stores().data(), plan::retry);
    return new RepositoryModule(
        engine,
        transfer,
        runs,
        statusStore,
        deleter,
        plan,
        service,
        new RepositoryCondition(name, statusStore, plan, shared.clock()));
  }

  /** Interrupts running work. Idempotent. */
  void stop() {
    plan.close();
    transfer.close();
    engine.close();
  }
}
