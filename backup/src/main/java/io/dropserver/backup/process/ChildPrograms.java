package io.dropserver.backup.process;

import io.dropserver.backup.BackupException;
import io.dropserver.schema.status.BackupReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Starts programs and reads what they say; no shell is in between. They die with this process:
 * {@code setpriv --pdeathsig} follows the thread that started them, so one thread that lives as
 * long as this object starts them all. Safe for use by several threads.
 */
public final class ChildPrograms implements AutoCloseable {
  /** One that hangs in the kernel, as at a dead disk, is not waited for without end. */
  private static final long KILL_SECONDS = 10;

  private static final Duration ENDLESS = Duration.ofSeconds(Long.MAX_VALUE);
  private static final int MOST_LINE = 8 << 20;
  private static final int MOST_ERRORS = 16 << 10;
  private static final List<String> FOLDERS = List.of("/usr/local/bin", "/usr/bin", "/bin");

  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("child-starter").unstarted(task));

  /**
   * @param errors the end of what it wrote there
   * @param late whether it was killed because its time was over
   */
  public record Finished(int status, String errors, boolean late) {}

  /** Among the folders of the system. */
  public static Optional<Path> find(String program) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs it to its end. When the calling thread is interrupted it is killed.
   *
   * @see #run(List, Map, Path, Consumer, Duration)
   */
  public Finished run(
      List<String> command, Map<String, String> environment, Path folder, Consumer<String> line) {
    return run(command, environment, folder, line, ENDLESS);
  }

  /**
   * Runs it to its end, or for some time. When the calling thread is interrupted it is killed.
   *
   * @param command the program's path and its arguments
   * @param line told each line of its standard output
   * @param most after which it is killed
   * @throws BackupException reason {@code INTERRUPTED}, or when it cannot be started
   */
  public Finished run(
      List<String> command,
      Map<String, String> environment,
      Path folder,
      Consumer<String> line,
      Duration most) {
    Process process = start(command, environment, folder);
    try {
      CompletableFuture<String> errors = new CompletableFuture<>();
      var _ =
          Thread.ofVirtual().name("child-errors").start(() -> errors.complete(errorsOf(process)));
      AtomicBoolean late = new AtomicBoolean();
      if (!most.equals(ENDLESS)) {
        var _ =
            Thread.ofPlatform().daemon().name("child-limit").start(() -> end(process, most, late));
      }
      lines(process, line);
      int status = process.waitFor();
      return new Finished(status, errors.join(), late.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted()
          ? interrupted(e)
          : new BackupException(
              BackupReason.BACKUP_FAILED,
              "the output of " + command.getFirst() + " ended: " + e,
              e);
    } finally {
      // Gone when this returns, not only told to go: what it reads or holds may be needed next.
      process.destroyForcibly();
      process.onExit().completeOnTimeout(process, KILL_SECONDS, TimeUnit.SECONDS).join();
    }
  }

  private static void end(Process process, Duration most, AtomicBoolean late) {
    try {
      if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
        late.set(true);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static BackupException interrupted(Exception cause) {
    return new BackupException(BackupReason.INTERRUPTED, "stopped before it was done", cause);
  }

  private Process start(List<String> program, Map<String, String> environment, Path folder) {
    List<String> command = new ArrayList<>();
    find("setpriv")
        .ifPresent(setpriv -> command.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL")));
    command.addAll(program);
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
          BackupReason.BACKUP_FAILED,
          builder.command().getFirst() + " cannot be started: " + e.getMessage(),
          e);
    }
  }

  /** A blocking read of a pipe does not see an interrupt: so it polls for one. */
  private static void lines(Process process, Consumer<String> line)
      throws IOException, InterruptedException {
    Thread caller = Thread.currentThread();
    CompletableFuture<Void> read = new CompletableFuture<>();
    var _ = Thread.ofVirtual().name("child-output").start(() -> pump(process, line, read));
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
