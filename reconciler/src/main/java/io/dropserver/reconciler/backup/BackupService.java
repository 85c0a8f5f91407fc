package io.dropserver.reconciler.backup;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.engine.AppspaceTransfer;
import io.dropserver.backup.engine.BackupEngine;
import io.dropserver.backup.engine.BackupReport;
import io.dropserver.backup.engine.Verification;
import io.dropserver.backup.restic.ResticRepository;
import io.dropserver.backup.restic.ResticSnapshot;
import io.dropserver.base.text.Sizes;
import io.dropserver.control.BackupEntry;
import io.dropserver.control.BackupOrder;
import io.dropserver.control.BackupOutcome;
import io.dropserver.control.BackupStep;
import io.dropserver.control.ControlException;
import io.dropserver.control.OperationFailedException;
import io.dropserver.sandbox.SandboxException;
import io.dropserver.state.DataFolders;
import io.dropserver.state.StateException;
import io.dropserver.state.condition.BackupReason;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Runs the backup operations that users request in one repository. Thread-safe.
 *
 * @param onSuccess called after each successful requested backup, because failed scheduled work may
 *     succeed now
 */
public record BackupService(
    BackupEngine backupEngine,
    BackupRuns runs,
    BackupStatusStore statusStore,
    Restorer restorer,
    AppspaceTransfer appspaceTransfer,
    DataFolders data,
    Runnable onSuccess) {
  /** Returns the snapshots of this repository. */
  List<BackupEntry> snapshots() {
    return translateErrors(() -> backupEngine.list().stream().map(this::entry).toList());
  }

  private BackupEntry entry(ResticSnapshot resticSnapshot) {
    String name = BackupRuns.nameOf(resticSnapshot);
    Optional<Instant> verified =
        statusStore
            .find(name)
            .filter(
                backupStatus ->
                    backupStatus.verifiedSnapshot().equals(Optional.of(resticSnapshot.id())))
            .flatMap(BackupStatusStore.BackupStatus::verifiedAt);
    return new BackupEntry(
        resticSnapshot.shortId(),
        resticSnapshot.tag("appspace").orElse(""),
        resticSnapshot.tag("app").orElse(""),
        resticSnapshot.tag("owner").orElse(""),
        resticSnapshot.time(),
        resticSnapshot.files(),
        resticSnapshot.bytes(),
        verified);
  }

  BackupOutcome run(BackupOrder order, Consumer<BackupStep> progress) {
    return translateErrors(
        () ->
            switch (order.verb()) {
              case NOW -> now(order, progress);
              case VERIFY -> verify(order, progress);
              case RESTORE -> restore(order, progress);
              case GO_BACK -> goBack(order, progress);
              case EXPORT -> export(order, progress);
              case IMPORT -> importData(order);
              case CHECK -> check();
              case USAGE -> usage(progress);
            });
  }

  /**
   * Returns a listener that reports the progress of work on an appspace.
   *
   * @param appspace name of the appspace, or of the whole operation
   */
  public static ProgressListener listener(String appspace, Consumer<BackupStep> progress) {
    return progressStep ->
        progress.accept(
            new BackupStep(
                appspace,
                progressStep.phase(),
                progressStep.percent(),
                progressStep.bytes(),
                progressStep.files()));
  }

  private BackupOutcome goBack(BackupOrder order, Consumer<BackupStep> progress) {
    String name = order.appspace().orElseThrow();
    ResticSnapshot resticSnapshot = runs.find(order.snapshot().orElseThrow(), name);
    return restorer.goBack(resticSnapshot, name, listener(name, progress));
  }

  private BackupOutcome now(BackupOrder order, Consumer<BackupStep> progress) {
    List<String> names = new ArrayList<>(order.appspace().stream().toList());
    if (names.isEmpty()) {
      names.addAll(new TreeSet<>(data.liveAppspaces()));
      names.add(BackupRuns.SERVER);
    }
    List<BackupReport> reports = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    for (String name : names) {
      try {
        reports.add(runs.backUp(name, listener(name, progress)));
      } catch (BackupException e) {
        if (names.size() == 1 || e.reason() == BackupReason.INTERRUPTED) {
          throw e;
        }
        failures.add(name + ": " + e.getMessage());
      }
    }
    if (!reports.isEmpty()) {
      onSuccess.run();
    }
    if (!failures.isEmpty()) {
      throw new ControlException(String.join("\n", failures));
    }
    String message =
        names.size() == 1
            ? text(reports.getFirst())
            : "%d backups are complete; `dropserver backup list` lists them"
                .formatted(reports.size());
    return new BackupOutcome(message, Map.of("backups", reports));
  }

  private static String text(BackupReport report) {
    String skipped =
        report.skippedCount() == 0
            ? ""
            : "; %d entries skipped, such as %s (%s)"
                .formatted(
                    report.skippedCount(),
                    report.skipped().getFirst().path(),
                    report.skipped().getFirst().why());
    return "%s: %d %s, %d bytes, frozen for %d ms%s"
        .formatted(
            report.snapshot().substring(0, 8),
            report.files(),
            report.files() == 1 ? "file" : "files",
            report.bytes(),
            report.frozenMillis(),
            skipped);
  }

  private BackupOutcome verify(BackupOrder order, Consumer<BackupStep> progress) {
    List<ResticSnapshot> wanted =
        order.snapshot().isPresent() || order.appspace().isPresent()
            ? List.of(named(order))
            : runs.newest();
    boolean whole = order.snapshot().isPresent() || order.appspace().isPresent();
    long entries = 0;
    long bytes = 0;
    long totalBytes = 0;
    for (ResticSnapshot resticSnapshot : wanted) {
      Verification verification =
          runs.verify(resticSnapshot, whole, listener(BackupRuns.nameOf(resticSnapshot), progress));
      entries += verification.entries();
      bytes += verification.bytes();
      totalBytes += verification.totalBytes();
    }
    return new BackupOutcome(
        "%s of %s in %d entries of %d backups were read back and match what was backed up"
            .formatted(Sizes.text(bytes), Sizes.text(totalBytes), entries, wanted.size()),
        Map.of(
            "snapshots",
            wanted.stream().map(ResticSnapshot::shortId).toList(),
            "files",
            entries,
            "bytes",
            bytes,
            "totalBytes",
            totalBytes));
  }

  private ResticSnapshot named(BackupOrder order) {
    return runs.find(order.snapshot().orElse("latest"), order.appspace().orElse(""));
  }

  private BackupOutcome restore(BackupOrder order, Consumer<BackupStep> progress) {
    ResticSnapshot resticSnapshot = named(order);
    ProgressListener progressListener =
        listener(order.appspace().orElse(BackupRuns.nameOf(resticSnapshot)), progress);
    if (order.path().isPresent()) {
      Path folder = Path.of(order.path().get());
      backupEngine.restore(resticSnapshot, order.only(), folder, progressListener);
      return new BackupOutcome("restored into " + folder, Map.of("folder", folder.toString()));
    }
    return restorer.restore(resticSnapshot, order.appspace(), order.only(), progressListener);
  }

  private BackupOutcome export(BackupOrder order, Consumer<BackupStep> progress) {
    Path file = Path.of(required(order.path(), "name the file to write"));
    if (order.snapshot().isEmpty()) {
      String appspace = required(order.appspace(), "name the appspace");
      runs.backUp(appspace, listener(appspace, progress));
    }
    ResticSnapshot resticSnapshot = named(order);
    appspaceTransfer.export(resticSnapshot, file);
    return new BackupOutcome(
        "exported to " + file,
        Map.of("file", file.toString(), "snapshot", resticSnapshot.shortId()));
  }

  private BackupOutcome importData(BackupOrder order) {
    return restorer.importData(
        Path.of(required(order.path(), "name the file or folder")),
        required(order.appspace(), "name the appspace"));
  }

  private BackupOutcome check() {
    backupEngine.open();
    runs.maintain(() -> backupEngine.repository().check(Optional.of("100%")));
    statusStore.recordPart(
        BackupScheduler.UPKEEP, ResticRepository.PARTS, backupEngine.repository().bytes());
    statusStore.clearFailure(BackupScheduler.UPKEEP);
    return new BackupOutcome("the repository has no errors", Map.of("whole", true));
  }

  private BackupOutcome usage(Consumer<BackupStep> progress) {
    ResticRepository repository = backupEngine.repository();
    SortedMap<String, Long> bytes = new TreeMap<>();
    for (ResticSnapshot newest : runs.newest()) {
      String name = BackupRuns.nameOf(newest);
      progress.accept(new BackupStep(name, "measuring", -1, 0, 0));
      String tag = name.equals(BackupRuns.SERVER) ? BackupEngine.SERVER_TAG : "appspace:" + name;
      bytes.put(name, repository.bytes(Optional.of(tag)));
    }
    long total = repository.bytes();
    String rows =
        bytes.entrySet().stream()
            .map(each -> "  %s: %s%n".formatted(each.getKey(), Sizes.text(each.getValue())))
            .collect(Collectors.joining());
    return new BackupOutcome(
        "Snapshots in the repository, by appspace (content that several share counts for each):%n%s  all together: %s"
            .formatted(rows, Sizes.text(total)),
        Map.of("snapshotBytes", bytes, "repositoryBytes", total));
  }

  private static String required(Optional<String> value, String otherwise) {
    return value.orElseThrow(() -> new ControlException(otherwise));
  }

  static <T> T translateErrors(Supplier<T> work) {
    try {
      return work.get();
    } catch (UncheckedIOException e) {
      throw OperationFailedException.of(Objects.requireNonNull(e.getCause()));
    } catch (BackupException | StateException | SandboxException e) {
      throw new ControlException(String.valueOf(e.getMessage()));
    }
  }
}
