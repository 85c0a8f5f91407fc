package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.Progress;
import io.dropserver.backup.process.ChildPrograms;
import io.dropserver.schema.status.BackupReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * A restic repository. Every method throws {@link BackupException} with a remedy. An interrupt ends
 * what runs; the repository is whole at any instant. Safe for use by several threads.
 */
public final class Repository implements AutoCloseable {
  private static final String RETRY_LOCK = "--retry-lock=30s";

  /** restic itself tries for a quarter of an hour before it says that nobody answers. */
  private static final Duration MOST_SILENCE = Duration.ofSeconds(30);

  /** Of a request that makes no progress; restic sends it again then. */
  private static final String STUCK = "--stuck-request-timeout=1m";

  private static final int INCOMPLETE = 3;
  private static final int NO_REPOSITORY = 10;
  private static final int LOCKED = 11;

  private final RepositorySettings settings;
  private final ResticProgram restic = new ResticProgram();
  private final ChildPrograms program = new ChildPrograms();

  public Repository(RepositorySettings settings) {
    this.settings = settings;
  }

  /** Which restic there is, checked. */
  public static Path requireProgram() {
    return new ResticProgram().require();
  }

  public RepositorySettings settings() {
    return settings;
  }

  /**
   * Makes the repository where there is none.
   *
   * @param mayCreate false where one was here before: a repository that is gone must not be taken
   *     for a new one
   */
  public void open(boolean mayCreate) {
    ChildPrograms.Finished found = run(line -> {}, "cat", "config");
    if (found.status() == NO_REPOSITORY && mayCreate) {
      require(run(line -> {}, "init"));
    } else {
      require(found);
    }
  }

  /**
   * Begins a backup of all that a folder will hold.
   *
   * @param folder exists; its names become the top of the snapshot
   * @param gate a name beside it
   * @param group tags of which the newest snapshot is what unchanged files are known by
   */
  public BegunBackup begin(Path folder, Path gate, List<String> group, Progress progress) {
    return new BegunBackup(new Gate(gate), () -> backup(folder, gate, group, progress));
  }

  private String backup(Path folder, Path gate, List<String> group, Progress progress) {
    List<String> arguments =
        new ArrayList<>(
            List.of("backup", ".", "--host", "dropserver", "--group-by", "tags", "--no-scan"));
    arguments.addAll(List.of("--tag", String.join(",", group)));
    // Read when the repository is open, and before any file of the folder is looked at.
    arguments.addAll(List.of("--exclude-file", gate.toString()));
    AtomicReference<String> id = new AtomicReference<>("");
    ChildPrograms.Finished finished =
        runLocking(
            folder,
            line ->
                ResticJson.message(line)
                    .ifPresent(
                        message -> {
                          if (ResticJson.is(message, "status")) {
                            progress.at(ResticJson.step("storing", message));
                          } else if (ResticJson.is(message, "summary")) {
                            id.set(message.path("snapshot_id").asString(""));
                          }
                        }),
            arguments);
    if (finished.status() == INCOMPLETE && !id.get().isEmpty()) {
      forget(List.of(id.get()));
    }
    require(finished);
    return id.get();
  }

  /** The newest first. */
  public List<Snapshot> snapshots() {
    StringBuilder output = new StringBuilder();
    require(run(output::append, "snapshots", "--no-lock"));
    return ResticJson.snapshots(output.toString()).stream()
        .sorted(Comparator.comparing(Snapshot::time).reversed())
        .toList();
  }

  /** What a policy would keep and remove. */
  public record Kept(List<Snapshot> kept, List<Snapshot> removed) {}

  /** Of the snapshots that bear all these tags; removes nothing. */
  public Kept wouldKeep(List<String> group, Map<String, Integer> keep) {
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
    return new Kept(
        ResticJson.listed(output.toString(), "keep"),
        ResticJson.listed(output.toString(), "remove"));
  }

  /** Removes snapshots; what they alone hold is removed by {@link #prune}. */
  public void forget(List<String> ids) {
    if (!ids.isEmpty()) {
      List<String> arguments = new ArrayList<>(List.of("forget"));
      arguments.addAll(ids);
      require(runLocking(settings.cache(), line -> {}, arguments));
    }
  }

  public void prune() {
    require(runLocking(settings.cache(), line -> {}, List.of("prune")));
  }

  /**
   * Checks the structure, and reads a part of the data.
   *
   * @param subset such as {@code 5%}; empty reads none
   */
  public void check(Optional<String> subset) {
    List<String> arguments = new ArrayList<>(List.of("check"));
    subset.ifPresent(part -> arguments.add("--read-data-subset=" + part));
    ChildPrograms.Finished finished = runLocking(settings.cache(), line -> {}, arguments);
    if (finished.status() == 1) {
      BackupException failure = Failures.of(finished, settings);
      throw failure.reason() == BackupReason.BACKUP_FAILED
          ? new BackupException(
              BackupReason.REPOSITORY_DAMAGED, String.valueOf(failure.getMessage()))
          : failure;
    }
    require(finished);
  }

  /**
   * Restores into a folder, which is made.
   *
   * @param from of the snapshot, such as {@code data}; empty for all
   * @param paths patterns of restic's, below {@code from}; empty for all
   */
  public void restore(
      String snapshot, String from, List<String> paths, Path target, Progress progress) {
    List<String> arguments = new ArrayList<>(List.of("restore", "--no-lock", "--target"));
    arguments.add(target.toString());
    paths.forEach(path -> arguments.addAll(List.of("--include", path)));
    arguments.add("--");
    arguments.add(from.isEmpty() ? snapshot : snapshot + ":/" + from);
    require(
        run(
            settings.cache(),
            line ->
                ResticJson.message(line)
                    .filter(message -> ResticJson.is(message, "status"))
                    .ifPresent(message -> progress.at(ResticJson.step("restoring", message))),
            arguments));
  }

  /**
   * One small file of a snapshot.
   *
   * @throws BackupException reason {@code NO_SUCH_SNAPSHOT} when there is none
   */
  public String read(String snapshot, String path) {
    StringBuilder text = new StringBuilder();
    ChildPrograms.Finished finished =
        run(line -> text.append(line).append('\n'), "dump", "--no-lock", snapshot, "/" + path);
    if (finished.status() == 1 && finished.errors().contains("failed to find snapshot")) {
      throw new BackupException(
          BackupReason.NO_SUCH_SNAPSHOT,
          "there is no snapshot " + snapshot + "; `dropserver backup list` shows them");
    }
    require(finished);
    return text.toString();
  }

  /** Reads every file of a snapshot; restic holds each piece against its digest. */
  public void readWhole(String snapshot) {
    archive(snapshot, Path.of("/dev/null"));
  }

  /** A path as it is, in restic's language of patterns. */
  public static String pattern(String path) {
    String plain = path.startsWith("/") ? path : "/" + path;
    return plain.replaceAll("([\\\\*?\\[\\]])", "\\\\$1");
  }

  /** All of a snapshot as one tar file, which is made. */
  public void archive(String snapshot, Path file) {
    require(
        run(
            line -> {},
            "dump",
            "--no-lock",
            "--archive",
            "tar",
            "--target",
            file.toString(),
            snapshot,
            "/"));
  }

  /**
   * Where it is locked, locks of processes that are dead are taken away, and others are waited for
   * a while.
   */
  private ChildPrograms.Finished runLocking(
      Path folder, Consumer<String> line, List<String> arguments) {
    ChildPrograms.Finished finished = run(folder, line, arguments);
    if (finished.status() != LOCKED) {
      return finished;
    }
    require(run(ignored -> {}, "unlock"));
    List<String> patient = new ArrayList<>(arguments);
    patient.add(1, RETRY_LOCK);
    return run(folder, line, patient);
  }

  private void require(ChildPrograms.Finished finished) {
    if (finished.status() != 0) {
      throw Failures.of(finished, settings);
    }
  }

  private ChildPrograms.Finished run(Consumer<String> line, String... arguments) {
    return run(settings.cache(), line, List.of(arguments));
  }

  private ChildPrograms.Finished run(Path folder, Consumer<String> line, List<String> arguments) {
    if (!settings.local()) {
      requireAnswer();
    }
    return program.run(command(arguments), environment(), folder, line);
  }

  /**
   * A remote that does not answer is told of soon, and not after all of restic's own tries. It is
   * asked each time: what it answered a moment ago says nothing of now.
   */
  private void requireAnswer() {
    ChildPrograms.Finished answer =
        program.run(
            command(List.of("cat", "config")),
            environment(),
            settings.cache(),
            line -> {},
            MOST_SILENCE);
    if (answer.late()) {
      throw Failures.of(answer, settings);
    }
  }

  private List<String> command(List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                restic.require().toString(),
                "--json",
                "--repo",
                settings.repository(),
                "--password-file",
                settings.passwordFile().toString()));
    if (settings.local()) {
      command.add("--no-cache");
    } else {
      command.addAll(List.of("--cache-dir", settings.cache().toString(), "--cleanup-cache"));
      command.add(STUCK);
    }
    command.addAll(arguments);
    return command;
  }

  /** A status line each second at most, and the operator's own keys. */
  private Map<String, String> environment() {
    Map<String, String> environment = new TreeMap<>();
    environment.put("RESTIC_PROGRESS_FPS", "2");
    settings.environmentFile().ifPresent(file -> environment.putAll(read(file)));
    return environment;
  }

  private static Map<String, String> read(Path file) {
    try {
      Map<String, String> values = new TreeMap<>();
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
          values.put(line.substring(0, equals).strip(), line.substring(equals + 1).strip());
        }
      }
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read backup.environmentFile " + file, e);
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
