package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.Backups;
import io.dropserver.backup.engine.Transfers;
import io.dropserver.backup.restic.Snapshot;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.schema.state.DataFolders;
import io.dropserver.schema.state.StateException;
import io.dropserver.schema.status.BackupEntry;
import io.dropserver.schema.status.BackupOrder;
import io.dropserver.schema.status.BackupOutcome;
import io.dropserver.schema.status.BackupReason;
import io.dropserver.schema.status.BackupStep;
import io.dropserver.schema.status.RecoveryKit;
import io.dropserver.web.control.BackupControl;
import io.dropserver.web.control.ControlException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Runs the backup operations that people request. Thread-safe. */
public final class BackupDesk implements BackupControl {
  private final Backups backups;
  private final BackupRuns runs;
  private final BackupBook book;
  private final Restorer restorer;
  private final Transfers transfers;
  private final DataFolders data;
  private final Runnable mended;
  private final Supplier<RecoveryKit> kit;

  /**
   * @param mended called after a requested backup succeeded, because failed work may succeed now
   *     too
   */
  public BackupDesk(
      Backups backups,
      BackupRuns runs,
      BackupBook book,
      Restorer restorer,
      Transfers transfers,
      DataFolders data,
      Runnable mended,
      Supplier<RecoveryKit> kit) {
    this.backups = backups;
    this.runs = runs;
    this.book = book;
    this.restorer = restorer;
    this.transfers = transfers;
    this.data = data;
    this.mended = mended;
    this.kit = kit;
  }

  @Override
  public List<BackupEntry> backups() {
    return told(() -> backups.list().stream().map(this::entry).toList());
  }

  private BackupEntry entry(Snapshot snapshot) {
    String name = BackupRuns.nameOf(snapshot);
    Optional<Instant> verified =
        book.find(name)
            .filter(page -> page.verifiedSnapshot().equals(Optional.of(snapshot.id())))
            .flatMap(BackupBook.Page::verifiedAt);
    return new BackupEntry(
        snapshot.shortId(),
        snapshot.tag("appspace").orElse(""),
        snapshot.tag("app").orElse(""),
        snapshot.tag("owner").orElse(""),
        snapshot.time(),
        snapshot.files(),
        snapshot.bytes(),
        verified);
  }

  @Override
  public RecoveryKit recoveryKit() {
    return told(kit);
  }

  @Override
  public BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress) {
    return told(
        () ->
            switch (order.verb()) {
              case NOW -> now(order, progress);
              case VERIFY -> verify(order, progress);
              case RESTORE -> restore(order, progress);
              case GO_BACK -> goBack(order, progress);
              case EXPORT -> export(order, progress);
              case IMPORT -> arrive(order);
              case CHECK -> check();
            });
  }

  private static Progress told(String appspace, Consumer<BackupStep> progress) {
    return step ->
        progress.accept(
            new BackupStep(appspace, step.phase(), step.percent(), step.bytes(), step.files()));
  }

  private BackupOutcome goBack(BackupOrder order, Consumer<BackupStep> progress) {
    String name = order.appspace().orElseThrow();
    Snapshot snapshot = runs.find(order.snapshot().orElseThrow(), name);
    return restorer.goBack(snapshot, name, told(name, progress));
  }

  private BackupOutcome now(BackupOrder order, Consumer<BackupStep> progress) {
    List<String> names = new ArrayList<>();
    order
        .appspace()
        .ifPresentOrElse(
            names::add,
            () -> {
              names.addAll(new TreeSet<>(data.liveAppspaces()));
              names.add(BackupRuns.SERVER);
            });
    List<BackupReport> reports = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (String name : names) {
      try {
        reports.add(runs.backUp(name, told(name, progress)));
      } catch (BackupException e) {
        if (names.size() == 1 || e.reason() == BackupReason.INTERRUPTED) {
          throw e;
        }
        failures.add(name + ": " + e.getMessage());
      }
    }
    if (!reports.isEmpty()) {
      mended.run();
    }
    if (!failures.isEmpty()) {
      throw new ControlException(String.join("\n", failures));
    }
    String message =
        names.size() == 1
            ? text(reports.getFirst())
            : "%d backups are made; `dropserver backup list` shows them".formatted(reports.size());
    return new BackupOutcome(message, Map.of("backups", reports));
  }

  private static String text(BackupReport report) {
    String skipped =
        report.skippedCount() == 0
            ? ""
            : "; %d left out, such as %s (%s)"
                .formatted(
                    report.skippedCount(),
                    report.skipped().getFirst().path(),
                    report.skipped().getFirst().why());
    return "%s: %d files, %d bytes, stood still for %d ms%s"
        .formatted(
            report.snapshot().substring(0, 8),
            report.files(),
            report.bytes(),
            report.frozenMillis(),
            skipped);
  }

  private BackupOutcome verify(BackupOrder order, Consumer<BackupStep> progress) {
    List<Snapshot> wanted =
        order.snapshot().isPresent() || order.appspace().isPresent()
            ? List.of(named(order))
            : newest();
    int files = 0;
    for (Snapshot snapshot : wanted) {
      files += runs.verify(snapshot, told(BackupRuns.nameOf(snapshot), progress));
    }
    return new BackupOutcome(
        "%d files of %d backups were restored and are what was backed up"
            .formatted(files, wanted.size()),
        Map.of("snapshots", wanted.stream().map(Snapshot::shortId).toList(), "files", files));
  }

  private List<Snapshot> newest() {
    Map<String, Snapshot> newest = new LinkedHashMap<>();
    backups.list().forEach(each -> newest.putIfAbsent(BackupRuns.nameOf(each), each));
    return List.copyOf(newest.values());
  }

  private Snapshot named(BackupOrder order) {
    return runs.find(order.snapshot().orElse("latest"), order.appspace().orElse(""));
  }

  private BackupOutcome restore(BackupOrder order, Consumer<BackupStep> progress) {
    String named = order.snapshot().orElse("latest");
    Snapshot snapshot = runs.find(named, order.appspace().orElse(""));
    Progress told = told(order.appspace().orElse(BackupRuns.nameOf(snapshot)), progress);
    if (order.path().isPresent()) {
      Path folder = Path.of(order.path().get());
      backups.restore(snapshot, order.only(), folder, told);
      return new BackupOutcome("restored into " + folder, Map.of("folder", folder.toString()));
    }
    return restorer.restore(snapshot, order.appspace(), order.only(), told);
  }

  private BackupOutcome export(BackupOrder order, Consumer<BackupStep> progress) {
    Path file = Path.of(required(order.path(), "name the file to write"));
    if (order.snapshot().isEmpty()) {
      String appspace = required(order.appspace(), "name the appspace");
      runs.backUp(appspace, told(appspace, progress));
    }
    Snapshot snapshot = named(order);
    transfers.export(snapshot, file);
    return new BackupOutcome(
        "exported to " + file, Map.of("file", file.toString(), "snapshot", snapshot.shortId()));
  }

  private BackupOutcome arrive(BackupOrder order) {
    return restorer.arrive(
        Path.of(required(order.path(), "name the file or folder")),
        required(order.appspace(), "name the appspace"));
  }

  private BackupOutcome check() {
    backups.open();
    try {
      backups.repository().check(Optional.of("100%"));
    } catch (BackupException e) {
      if (e.reason() != BackupReason.INTERRUPTED) {
        book.failed(BackupPlan.UPKEEP, e.reason(), String.valueOf(e.getMessage()));
      }
      throw e;
    }
    book.mended(BackupPlan.UPKEEP);
    return new BackupOutcome("the repository is whole", Map.of("whole", true));
  }

  private static String required(Optional<String> value, String otherwise) {
    return value.orElseThrow(() -> new ControlException(otherwise));
  }

  private static <T> T told(Supplier<T> work) {
    try {
      return work.get();
    } catch (BackupException | StateException | SandboxException | UncheckedIOException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
  }
}
