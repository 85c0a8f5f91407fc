package io.dropserver.reconciler;

import io.dropserver.backup.engine.BackupFolders;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.engine.DataAccess;
import io.dropserver.backup.engine.ServerFiles;
import io.dropserver.backup.engine.Transfers;
import io.dropserver.backup.restic.Repository;
import io.dropserver.backup.restic.RepositorySettings;
import io.dropserver.reconciler.backup.Appspaces;
import io.dropserver.reconciler.backup.BackupBook;
import io.dropserver.reconciler.backup.BackupConditions;
import io.dropserver.reconciler.backup.BackupDesk;
import io.dropserver.reconciler.backup.BackupPlan;
import io.dropserver.reconciler.backup.BackupRuns;
import io.dropserver.reconciler.backup.BeforeUpgrades;
import io.dropserver.reconciler.backup.DeletionBook;
import io.dropserver.reconciler.backup.Deletions;
import io.dropserver.reconciler.backup.LeavingData;
import io.dropserver.reconciler.backup.Restorer;
import io.dropserver.schema.host.HostConfig;
import io.dropserver.schema.host.HostConfig.BackupSettings;
import io.dropserver.schema.host.HostConfig.Repo;
import io.dropserver.schema.state.StateFolder;
import io.dropserver.schema.status.RecoveryKit;
import io.dropserver.web.dashboard.Details;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires backups and restores. */
record BackupPart(
    BackupDesk desk,
    BackupPlan plan,
    BackupConditions conditions,
    BackupBook book,
    LeavingData deletions,
    BeforeUpgrades beforeUpgrades) {
  private static final Logger LOG = LoggerFactory.getLogger(BackupPart.class);

  /** Backups that are due at the same instant are spread over five minutes. */
  private static final BackupPlan.Pace PACE =
      new BackupPlan.Pace(Duration.ofMinutes(5), Duration.ofMinutes(10));

  static BackupPart open(
      HostConfig config,
      StateFolder folder,
      OnDisk disk,
      DataAccess access,
      Appspaces appspaces,
      Clock clock,
      Parts parts) {
    BackupFolders folders = new BackupFolders(folder.backups());
    folders.prepare();
    RepositorySettings settings = settings(config.backup(), folders);
    if (config.backup().passwordFile().isEmpty() && folders.ensurePassword()) {
      LOG.warn(
          "a password for backups was made; without it no backup can be read: keep elsewhere what"
              + " `dropserver backup recovery-kit` prints");
    }
    Backups backups =
        parts.add("backups", new Backups(folders, new Repository(settings), access, clock));
    Transfers transfers = parts.add("imports and exports", new Transfers(folders, backups));
    BackupBook book = new BackupBook(disk.database(), clock);
    ServerFiles own = new OwnFiles(folder, disk.database());
    DeletionBook deletionBook = new DeletionBook(disk.database(), clock);
    BackupRuns runs = new BackupRuns(backups, own, appspaces, disk.data(), book, deletionBook);
    Restorer restorer =
        new Restorer(backups, runs, transfers, access, appspaces, disk.data(), deletionBook);
    Deletions deletions = new Deletions(backups, access, disk.data(), deletionBook, appspaces);
    BackupPlan plan =
        parts.add(
            "backup schedules",
            new BackupPlan(runs, backups, book, deletions, deletionBook, clock, PACE));
    BackupDesk desk =
        new BackupDesk(
            backups,
            runs,
            book,
            restorer,
            transfers,
            disk.data(),
            plan::retry,
            () -> kit(settings, config.repo().orElseThrow()));
    return new BackupPart(
        desk,
        plan,
        new BackupConditions(book, deletionBook, plan, settings, folders, clock),
        book,
        new LeavingData(deletions, deletionBook, plan),
        new BeforeUpgrades(runs, backups, access));
  }

  /** The backup times of a declared appspace, for the dashboard. */
  Details.Backups times(String appspace) {
    Optional<BackupBook.Page> page = book.find(appspace);
    return new Details.Backups(
        page.flatMap(BackupBook.Page::goodAt),
        page.flatMap(BackupBook.Page::verifiedOf),
        plan.next(appspace),
        page.map(BackupBook.Page::bytes).orElse(0L));
  }

  static RepositorySettings settings(BackupSettings host, BackupFolders folders) {
    return new RepositorySettings(
        host.repository().orElse(folders.repository().toString()),
        host.passwordFile().orElse(folders.password()),
        host.environmentFile(),
        folders.root().resolve("cache"));
  }

  private static RecoveryKit kit(RepositorySettings settings, Repo repo) {
    try {
      return new RecoveryKit(
          settings.repository(),
          Files.readString(settings.passwordFile()).strip(),
          settings.environmentFile().map(Path::toString),
          repo.url(),
          repo.branch());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + settings.passwordFile(), e);
    }
  }
}
