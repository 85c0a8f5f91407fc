package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.ProgressListener;
import io.dropserver.backup.copy.PathText;
import io.dropserver.backup.process.ProgramRunner;
import io.dropserver.backup.process.RawArguments;
import io.dropserver.base.process.OutputReader;
import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.state.condition.BackupReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Runs restic commands on one repository. The message of a {@link BackupException} contains the
 * remedy. An interrupt stops the running command and leaves the repository consistent. Thread-safe.
 */
public final class ResticRepository implements AutoCloseable {
  private static final String RETRY_LOCK = "--retry-lock=30s";

  /**
   * The timeout of the check that precedes each command. restic itself retries for a quarter of an
   * hour before it reports an unreachable server.
   */
  private static final Duration REACHABILITY_TIMEOUT = Duration.ofSeconds(30);

  /** The number of parts in which {@link #checkPart} reads the whole repository. */
  public static final int PARTS = 4;

  private static final int INCOMPLETE = 3;
  private static final int ID_DIGITS = 64;

  private final RepositorySettings settings;
  private final ResticProgram restic;
  private final ResticCommandLine commandLine;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();

  /** Uses the restic in the system's program folders. */
  public ResticRepository(RepositorySettings settings) {
    this(settings, ResticProgram.ofSystem());
  }

  ResticRepository(RepositorySettings settings, ResticProgram restic) {
    this.settings = settings;
    this.restic = restic;
    this.commandLine = new ResticCommandLine(settings, restic);
  }

  public RepositorySettings settings() {
    return settings;
  }

  /**
   * Returns whether the repository exists.
   *
   * @throws BackupException with the reason {@code WRONG_PASSWORD} if it exists and the password
   *     does not open it
   */
  public boolean exists() {
    ProgramEnd found = run(line -> {}, "cat", "config", "--no-lock");
    if (ResticErrors.status(found) == ResticErrors.NO_REPOSITORY) {
      return false;
    }
    require(found);
    return true;
  }

  /**
   * Creates the repository if it does not exist.
   *
   * @param mayCreate false if a repository existed here before: a missing repository must not be
   *     replaced by a new one
   */
  public void open(boolean mayCreate) {
    ProgramEnd found = run(line -> {}, "cat", "config");
    if (ResticErrors.status(found) == ResticErrors.NO_REPOSITORY && mayCreate) {
      require(run(line -> {}, "init"));
    } else {
      require(found);
    }
  }

  /**
   * Starts a backup of a folder whose content is completed before {@link PendingBackup#store}.
   *
   * @param folder exists; its entries become the top level of the snapshot
   * @param gate path of a FIFO to create, outside the folder
   * @param group tags that select the parent snapshot, by which restic detects unchanged files
   */
  public PendingBackup begin(
      Path folder, Path gate, List<String> group, ProgressListener progressListener) {
    return new PendingBackup(
        new FifoGate(gate), () -> backup(folder, gate, group, progressListener));
  }

  private String backup(
      Path folder, Path gate, List<String> group, ProgressListener progressListener) {
    List<String> arguments = new ArrayList<>(List.of("backup", ".", "--host", "dropserver"));
    arguments.addAll(restic.require().version().backupOptions());
    arguments.addAll(List.of("--tag", String.join(",", group)));
    // restic reads the exclude file after it opens the repository and before it reads the folder.
    arguments.addAll(List.of("--exclude-file", gate.toString()));
    AtomicReference<String> id = new AtomicReference<>("");
    ProgramEnd end =
        runWithLock(
            folder,
            line ->
                ResticJson.message(line)
                    .ifPresent(
                        message -> {
                          if (ResticJson.hasType(message, "status")) {
                            progressListener.report(ResticJson.step("storing", message));
                          } else if (ResticJson.hasType(message, "summary")) {
                            id.set(message.path("snapshot_id").asString(""));
                          }
                        }),
            arguments);
    if (end.status() == INCOMPLETE && !id.get().isEmpty()) {
      forget(List.of(id.get()));
    }
    require(end);
    return whole(id.get());
  }

  /** Returns the whole id of a snapshot. A restic before 0.15 reports the first eight digits. */
  private String whole(String id) {
    return id.length() == ID_DIGITS
        ? id
        : snapshots().stream()
            .map(ResticSnapshot::id)
            .filter(each -> each.startsWith(id))
            .findFirst()
            .orElseThrow();
  }

  /** Returns all snapshots, newest first. */
  public List<ResticSnapshot> snapshots() {
    StringBuilder output = new StringBuilder();
    require(run(output::append, "snapshots", "--no-lock"));
    return ResticJson.snapshots(output.toString()).stream()
        .sorted(Comparator.comparing(ResticSnapshot::time).reversed())
        .toList();
  }

  /** The snapshots that a policy keeps and removes. */
  public record RetentionPlan(List<ResticSnapshot> kept, List<ResticSnapshot> removed) {}

  /**
   * Returns which of the snapshots with all these tags a policy keeps and removes. Removes no
   * snapshot.
   */
  public RetentionPlan planRetention(List<String> group, Map<String, Integer> keep) {
    List<String> arguments =
        new ArrayList<>(List.of("forget", "--dry-run", "--no-lock", "--group-by", "", "--tag"));
    arguments.add(String.join(",", group));
    keep.forEach(
        (sort, count) -> {
          if (count > 0) {
            arguments.addAll(List.of("--keep-" + sort, Integer.toString(count)));
          }
        });
    StringBuilder output = new StringBuilder();
    require(run(settings.cache(), output::append, arguments));
    return new RetentionPlan(
        ResticJson.snapshotsIn(output.toString(), "keep"),
        ResticJson.snapshotsIn(output.toString(), "remove"));
  }

  /** Removes snapshots. {@link #prune} frees the data that only they use. */
  public void forget(List<String> ids) {
    if (!ids.isEmpty()) {
      List<String> arguments = new ArrayList<>(List.of("forget"));
      arguments.addAll(ids);
      require(runWithLock(settings.cache(), line -> {}, arguments));
    }
  }

  /** Frees unused data. Leaves a small part of it in packs that other snapshots use. */
  public void prune() {
    require(runWithLock(settings.cache(), line -> {}, List.of("prune")));
  }

  /** Removes all unused data, also from packs that other snapshots use. */
  public void pruneAll() {
    require(runWithLock(settings.cache(), line -> {}, List.of("prune", "--max-unused", "0")));
  }

  /**
   * Checks the structure, and reads every byte of one part of the packs. A pack stays in one part.
   *
   * @param part from 1 to {@link #PARTS}
   */
  public void checkPart(int part) {
    check(Optional.of(part + "/" + PARTS));
  }

  /** Returns the size of the data that the snapshots use. Reads the metadata of all snapshots. */
  public long bytes() {
    return bytes(Optional.empty());
  }

  /**
   * Returns the size of the data that the snapshots with a tag use. Data that several of them use
   * counts once.
   *
   * @param tag empty means all snapshots
   */
  public long bytes(Optional<String> tag) {
    StringBuilder output = new StringBuilder();
    List<String> arguments = new ArrayList<>(List.of("stats", "--no-lock", "--mode", "raw-data"));
    tag.ifPresent(each -> arguments.addAll(List.of("--tag", each)));
    require(run(settings.cache(), output::append, arguments));
    return ResticJson.message(output.toString())
        .map(message -> message.path("total_size").asLong(0))
        .orElse(0L);
  }

  /**
   * Checks the structure, and reads a part of the data.
   *
   * @param subset such as {@code 5%}; empty reads no data
   */
  public void check(Optional<String> subset) {
    List<String> arguments = new ArrayList<>(List.of("check"));
    subset.ifPresent(part -> arguments.add("--read-data-subset=" + part));
    ProgramEnd end = runWithLock(settings.cache(), line -> {}, arguments);
    if (ResticErrors.status(end) == 1) {
      BackupException failure = ResticErrors.toException(end, settings);
      throw failure.reason() == BackupReason.BACKUP_FAILED
          ? new BackupException(
              BackupReason.REPOSITORY_DAMAGED, String.valueOf(failure.getMessage()))
          : failure;
    }
    require(end);
  }

  /**
   * Restores into a folder, which will be created.
   *
   * @param from a folder of the snapshot, such as {@code data}; empty means the whole snapshot
   * @param paths results of {@link #pattern} below {@code from}; empty means everything
   */
  public void restore(
      String snapshot,
      String from,
      List<String> paths,
      Path target,
      ProgressListener progressListener) {
    if (from.isEmpty()) {
      restore(snapshot, paths, target, progressListener);
    } else if (restic.require().version().canRestoreSubfolders()) {
      restore(snapshot + ":/" + from, paths, target, progressListener);
    } else {
      try (SubfolderRestore whole = new SubfolderRestore(from, target)) {
        restore(snapshot, whole.patterns(paths), whole.temporary(), progressListener);
        whole.finish();
      }
    }
  }

  private void restore(
      String source, List<String> paths, Path target, ProgressListener progressListener) {
    List<String> arguments = new ArrayList<>(List.of("restore", "--no-lock", "--target"));
    arguments.add(target.toString());
    paths.forEach(path -> arguments.addAll(List.of("--include", RawArguments.encode(path))));
    arguments.addAll(List.of("--", source));
    require(
        run(
            settings.cache(),
            line ->
                ResticJson.message(line)
                    .filter(message -> ResticJson.hasType(message, "status"))
                    .ifPresent(
                        message -> progressListener.report(ResticJson.step("restoring", message))),
            arguments));
  }

  /**
   * Returns the text of a small file of a snapshot.
   *
   * @throws BackupException with the reason {@code NO_SUCH_SNAPSHOT} if the snapshot does not exist
   */
  public String read(String snapshot, String path) {
    StringBuilder text = new StringBuilder();
    ProgramEnd end =
        run(line -> text.append(line).append('\n'), "dump", "--no-lock", snapshot, "/" + path);
    if (ResticErrors.isUnknownSnapshot(end)) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          "there is no snapshot " + snapshot + "; `dropserver backup list` lists them");
    }
    require(end);
    return text.toString();
  }

  /** A file that differs between two snapshots. */
  public record FileChange(Kind kind, String path) {
    /** How the later snapshot differs. */
    public enum Kind {
      ADDED,
      CHANGED,
      REMOVED
    }
  }

  /**
   * Reports the files with which one snapshot differs from another, in no particular order. Omits
   * folders, and files of which only times and modes differ.
   */
  public void diff(String from, String to, Consumer<FileChange> change) {
    require(
        run(
            settings.cache(),
            line ->
                ResticJson.message(line)
                    .filter(message -> ResticJson.hasType(message, "change"))
                    .flatMap(ResticJson::fileChange)
                    .ifPresent(change),
            List.of("diff", "--no-lock", from, to)));
  }

  /** Reads every file of a snapshot. restic verifies the digest of each blob. */
  public void readAll(String snapshot) {
    archive(snapshot, Path.of("/dev/null"));
  }

  /**
   * Streams the content of a file of a snapshot.
   *
   * @param latinPath in the Latin form of {@link PathText}
   * @param reader ends restic when it has read enough
   */
  public void readFile(String snapshot, String latinPath, OutputReader reader) {
    requireReachable();
    ProgramEnd end =
        ProgramRunner.run(
            program(
                    settings.cache(),
                    List.of("dump", "--no-lock", snapshot, RawArguments.encode("/" + latinPath)))
                .outputTo(reader));
    if (end.cause() != ProgramEnd.Cause.OUTPUT_SUFFICIENT) {
      require(end);
    }
  }

  /** Quotes a path for use as a restic pattern. */
  public static String pattern(String path) {
    return patternOfLatin(PathText.latin(path));
  }

  /** Quotes a path in the Latin form of {@link PathText} for use as a restic pattern. */
  public static String patternOfLatin(String path) {
    String plain = path.startsWith("/") ? path : "/" + path;
    return plain.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
  }

  /** Writes a whole snapshot as one tar file. */
  public void archive(String snapshot, Path file) {
    requireReachable();
    // restic has an option for the file only since 0.17.
    List<String> dump = List.of("dump", "--no-lock", "--archive", "tar", snapshot, "/");
    require(ProgramRunner.run(program(settings.cache(), dump).outputTo(file)));
  }

  /**
   * Runs a command. If the repository is locked, removes stale locks and runs the command again,
   * which then waits up to 30 s for the lock. A restic before 0.16 does not wait.
   */
  private ProgramEnd runWithLock(Path folder, Consumer<String> line, List<String> arguments) {
    ProgramEnd end = run(folder, line, arguments);
    if (ResticErrors.status(end) != ResticErrors.LOCKED) {
      return end;
    }
    require(run(ignored -> {}, "unlock"));
    List<String> again = new ArrayList<>(arguments);
    if (restic.require().version().canRetryLock()) {
      again.add(1, RETRY_LOCK);
    }
    return run(folder, line, again);
  }

  private void require(ProgramEnd end) {
    if (end.status() != 0) {
      throw ResticErrors.toException(end, settings);
    }
  }

  private ProgramEnd run(Consumer<String> line, String... arguments) {
    return run(settings.cache(), line, List.of(arguments));
  }

  private ProgramEnd run(Path folder, Consumer<String> line, List<String> arguments) {
    requireReachable();
    return ProgramRunner.run(program(folder, arguments).outputTo(ProgramRunner.lines(line)));
  }

  private Program program(Path folder, List<String> arguments) {
    return ProgramRunner.program(commandLine.of(arguments), commandLine.environment(), folder)
        .until(closed);
  }

  /**
   * Fails after {@link #REACHABILITY_TIMEOUT} if the server of the repository is unreachable,
   * because restic itself would retry for much longer. Runs before each command, because the server
   * may have become unreachable since the last one. A local repository is always reachable.
   */
  private void requireReachable() {
    if (settings.isLocal()) {
      return;
    }
    ProgramEnd probe =
        ProgramRunner.run(
            program(settings.cache(), List.of("cat", "config")).timeout(REACHABILITY_TIMEOUT));
    if (probe.cause() == ProgramEnd.Cause.TIMED_OUT) {
      throw ResticErrors.toException(probe, settings);
    }
  }

  /** Kills running commands. */
  @Override
  public void close() {
    closed.complete(null);
  }
}
