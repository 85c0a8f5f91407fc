package io.dropserver.backup.restic;

import io.dropserver.backup.BackupException;
import io.dropserver.backup.BackupException.Reason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts restic and reads what it says; no shell is in between. It dies with this process: {@code
 * setpriv --pdeathsig} follows the thread that started it, so one thread that lives as long as this
 * object starts them all. Safe for use by several threads.
 */
final class ResticProgram implements AutoCloseable {
  /** The first whose exit code tells a wrong password and a lock apart. */
  private static final int[] OLDEST = {0, 17, 1};

  private static final int MOST_LINE = 8 << 20;
  private static final int MOST_ERRORS = 16 << 10;
  private static final List<String> FOLDERS = List.of("/usr/local/bin", "/usr/bin", "/bin");

  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("restic-starter").unstarted(task));

  /** */
  record Finished(int status, String errors) {}

  static Optional<Path> find(String program) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * @throws BackupException when there is none, or one that is too old
   */
  static Path require() {
    Path restic =
        find("restic")
            .orElseThrow(
                () ->
                    new BackupException(
                        Reason.RESTIC_MISSING,
                        "restic is missing: apt-get install restic (0.17.1 or newer)"));
    String version = version(restic);
    Matcher digits = Pattern.compile("restic (\\d+)\\.(\\d+)\\.(\\d+)").matcher(version);
    if (!digits.find() || isOlder(digits)) {
      throw new BackupException(
          Reason.RESTIC_MISSING,
          restic + " says \"" + version + "\"; Dropserver needs restic 0.17.1 or newer");
    }
    return restic;
  }

  private static boolean isOlder(Matcher digits) {
    for (int i = 0; i < OLDEST.length; i++) {
      int part = Integer.parseInt(digits.group(i + 1));
      if (part != OLDEST[i]) {
        return part < OLDEST[i];
      }
    }
    return false;
  }

  private static String version(Path restic) {
    try {
      Process process =
          new ProcessBuilder(restic.toString(), "version").redirectErrorStream(true).start();
      try (InputStream out = process.getInputStream()) {
        return new String(out.readNBytes(1000), StandardCharsets.UTF_8).strip();
      }
    } catch (IOException e) {
      throw new BackupException(
          Reason.RESTIC_MISSING, restic + " cannot be started: " + e.getMessage(), e);
    }
  }

  /**
   * Runs it to its end. When the calling thread is interrupted it is killed.
   *
   * @param line told each line of its standard output
   * @throws BackupException reason {@code INTERRUPTED}, or when it cannot be started
   */
  Finished run(
      List<String> arguments, Map<String, String> environment, Path folder, Consumer<String> line) {
    Process process = start(arguments, environment, folder);
    try {
      CompletableFuture<String> errors = new CompletableFuture<>();
      var _ =
          Thread.ofVirtual().name("restic-errors").start(() -> errors.complete(errorsOf(process)));
      lines(process, line);
      int status = process.waitFor();
      return new Finished(status, errors.join());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted()
          ? interrupted(e)
          : new BackupException(Reason.BACKUP_FAILED, "restic's output ended: " + e, e);
    } finally {
      process.destroyForcibly();
    }
  }

  private static BackupException interrupted(Exception cause) {
    return new BackupException(Reason.INTERRUPTED, "stopped before it was done", cause);
  }

  private Process start(List<String> arguments, Map<String, String> environment, Path folder) {
    List<String> command = new ArrayList<>();
    find("setpriv")
        .ifPresent(setpriv -> command.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL")));
    command.add(require().toString());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("RESTIC_"));
    builder.environment().putAll(environment);
    try {
      return CompletableFuture.supplyAsync(() -> started(builder), starter).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof BackupException failure ? failure : e;
    }
  }

  private static Process started(ProcessBuilder builder) {
    try {
      Process process = builder.start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new BackupException(
          Reason.RESTIC_MISSING, "restic cannot be started: " + e.getMessage(), e);
    }
  }

  /** A blocking read of a pipe does not see an interrupt: so it polls for one. */
  private static void lines(Process process, Consumer<String> line)
      throws IOException, InterruptedException {
    Thread caller = Thread.currentThread();
    CompletableFuture<Void> read = new CompletableFuture<>();
    var _ = Thread.ofVirtual().name("restic-output").start(() -> pump(process, line, read));
    try {
      read.get();
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } finally {
      if (caller.isInterrupted()) {
        process.destroyForcibly();
      }
    }
  }

  private static void pump(Process process, Consumer<String> line, CompletableFuture<Void> read) {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      StringBuilder text = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          line.accept(text.toString());
          text.setLength(0);
        } else if (text.length() < MOST_LINE) {
          text.append((char) c);
        }
      }
      if (!text.isEmpty()) {
        line.accept(text.toString());
      }
      read.complete(null);
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      read.completeExceptionally(e);
    }
  }

  /** The last of them. */
  private static String errorsOf(Process process) {
    StringBuilder kept = new StringBuilder();
    try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        kept.append((char) c);
        if (kept.length() > 2 * MOST_ERRORS) {
          kept.delete(0, MOST_ERRORS);
        }
      }
    } catch (IOException ended) {
      // What was read so far is what there is.
    }
    return kept.toString();
  }

  @Override
  public void close() {
    starter.shutdown();
  }
}
