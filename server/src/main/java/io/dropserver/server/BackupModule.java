package io.dropserver.server;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.backup.restic.SshFiles;
import io.dropserver.control.RecoveryKit;
import io.dropserver.control.RestoreControl;
import io.dropserver.reconciler.backup.BackupConditions;
import io.dropserver.reconciler.backup.BackupMetrics;
import io.dropserver.reconciler.backup.BackupRepositories;
import io.dropserver.reconciler.backup.BackupService;
import io.dropserver.reconciler.backup.BackupStatusStore;
import io.dropserver.reconciler.backup.DashboardRestores;
import io.dropserver.reconciler.backup.DeletionStore;
import io.dropserver.reconciler.backup.Eraser;
import io.dropserver.reconciler.backup.PreUpgradeBackups;
import io.dropserver.reconciler.backup.RemovedDataHandler;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.BackupTarget;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.instance.BackupPolicy;
import io.dropserver.state.StateFolder;
import io.dropserver.web.dashboard.DashboardData;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds the backup repositories and what spans them. */
record BackupModule(
    RepositoryModule first,
    SortedMap<String, RepositoryModule> further,
    BackupRepositories service,
    RestoreControl restores,
    BackupConditions conditions,
    RemovedDataHandler deletions,
    PreUpgradeBackups beforeUpgrades) {
  private static final Logger LOG = LoggerFactory.getLogger(BackupModule.class);

  static BackupModule open(
      HostConfig config,
      StateFolder folder,
      Stores stores,
      DataAccess access,
      Clock clock,
      OpenResources openResources) {
    BackupFolders folders = new BackupFolders(folder.backups());
    RepositorySettings settings = settings(config.backup(), folders);
    DeletionStore deletionStore = new DeletionStore(stores.database(), clock);
    RepositoryModule.Shared shared =
        new RepositoryModule.Shared(
            stores,
            access,
            new BackupAppspaces(stores),
            new ServerStateFiles(folder, stores.database()),
            deletionStore,
            clock,
            openResources);
    RepositoryModule first =
        RepositoryModule.open(Optional.empty(), folders, settings, policy -> policy, shared);
    if (config.backup().passwordFile().isEmpty() && folders.ensurePassword()) {
      LOG.warn(
          "created a password for backups, without which no backup can be read; store the output of"
              + " `dropserver backup recovery-kit` on another machine");
    }
    SortedMap<String, RepositoryModule> further = new TreeMap<>();
    config
        .backup()
        .repositories()
        .forEach(
            (name, target) -> further.put(name, open(name, target, settings, folders, shared)));
    SortedMap<String, BackupService> services = new TreeMap<>();
    List<Eraser.Repository> erasable = new ArrayList<>();
    erasable.add(new Eraser.Repository(Optional.empty(), first.runs(), first.plan()));
    further.forEach(
        (name, repository) -> {
          services.put(name, repository.service());
          erasable.add(
              new Eraser.Repository(Optional.of(name), repository.runs(), repository.plan()));
        });
    Eraser eraser =
        new Eraser(List.copyOf(erasable), stores.data(), deletionStore, shared.appspaces(), clock);
    return new BackupModule(
        first,
        further,
        new BackupRepositories(
            first.service(), services, eraser, () -> kit(settings, config, folders)),
        new DashboardRestores(first.engine(), first.runs(), shared.appspaces(), first.service()),
        new BackupConditions(
            first.condition(),
            further.values().stream().map(RepositoryModule::condition).toList(),
            deletionStore,
            settings,
            folders),
        new RemovedDataHandler(first.deleter().orElseThrow(), deletionStore, first.plan()),
        new PreUpgradeBackups(first.runs(), first.engine(), access));
  }

  private static RepositoryModule open(
      String name,
      BackupTarget target,
      RepositorySettings first,
      BackupFolders folders,
      RepositoryModule.Shared shared) {
    BackupFolders own = folders.further(name);
    return RepositoryModule.open(
        Optional.of(name),
        own,
        settings(target, first, own),
        policy ->
            target
                .schedule()
                .map(schedule -> new BackupPolicy(schedule, target.zone(), policy.keep()))
                .orElse(policy),
        shared);
  }

  /** Returns the backup functions that the reconciler calls. */
  ReconcilerModule.Backups forReconciler() {
    return new ReconcilerModule.Backups(
        instance -> {
          first.plan().declare(instance);
          further.values().forEach(each -> each.plan().declare(instance));
        },
        () -> {
          first.plan().schedule();
          further.values().forEach(each -> each.plan().schedule());
        },
        conditions::of,
        conditions::ofServer);
  }

  void bindTo(MeterRegistry registry, Clock clock) {
    BackupMetrics.bindTo(registry, "", first.statusStore(), clock);
    further.forEach(
        (name, repository) ->
            BackupMetrics.bindTo(registry, name, repository.statusStore(), clock));
  }

  /** Returns the backup times of a declared appspace in the first repository. */
  DashboardData.Backups backupTimes(String appspace) {
    Optional<BackupStatusStore.BackupStatus> page = first.statusStore().find(appspace);
    return new DashboardData.Backups(
        page.flatMap(BackupStatusStore.BackupStatus::goodAt),
        page.flatMap(BackupStatusStore.BackupStatus::verifiedOf),
        first.plan().next(appspace),
        page.map(BackupStatusStore.BackupStatus::bytes).orElse(0L));
  }

  /** Interrupts running work. Idempotent. */
  void stop() {
    first.stop();
    further.values().forEach(RepositoryModule::stop);
  }

  static RepositorySettings settings(BackupSettings host, BackupFolders folders) {
    return new RepositorySettings(
        host.repository().orElse(folders.repository().toString()),
        host.passwordFile().orElse(folders.password()),
        host.environmentFile(),
        folders.root().resolve("cache"));
  }

  /** Returns the settings of all repositories, those of the first one first. */
  static List<RepositorySettings> allSettings(BackupSettings host, BackupFolders folders) {
    RepositorySettings first = settings(host, folders);
    List<RepositorySettings> all = new ArrayList<>(List.of(first));
    host.repositories()
        .forEach((name, target) -> all.add(settings(target, first, folders.further(name))));
    return all;
  }

  private static RepositorySettings settings(
      BackupTarget target, RepositorySettings first, BackupFolders folders) {
    return new RepositorySettings(
        target.repository(),
        target.passwordFile().orElse(first.passwordFile()),
        target.environmentFile(),
        folders.root().resolve("cache"));
  }

  private static RecoveryKit kit(
      RepositorySettings settings, HostConfig config, BackupFolders folders) {
    Repo repo = config.repo().orElseThrow();
    List<RecoveryKit.Repository> further = new ArrayList<>();
    config
        .backup()
        .repositories()
        .forEach(
            (name, target) -> {
              RepositorySettings own = settings(target, settings, folders.further(name));
              further.add(
                  new RecoveryKit.Repository(
                      name,
                      own.repository(),
                      password(own),
                      own.environmentFile().map(Path::toString)));
            });
    return new RecoveryKit(
        settings.repository(),
        password(settings),
        settings.environmentFile().map(Path::toString),
        repo.url(),
        repo.branch(),
        Stream.concat(config.files().stream(), sshFiles(config, settings))
            .map(Path::toString)
            .distinct()
            .toList(),
        List.copyOf(further));
  }

  private static Stream<Path> sshFiles(HostConfig config, RepositorySettings first) {
    SshFiles ssh = SshFiles.ofMachine();
    return Stream.concat(
            Stream.of(first.repository()),
            config.backup().repositories().values().stream().map(BackupTarget::repository))
        .flatMap(repository -> ssh.of(repository).stream());
  }

  private static String password(RepositorySettings settings) {
    try {
      return Files.readString(settings.passwordFile()).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + settings.passwordFile(), e);
    }
  }
}
