package io.dropserver.backup.process;

import io.dropserver.backup.BackupException;
import io.dropserver.schema.status.BackupReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
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
 * Starts programs without a shell and reads their output. The programs end with this process:
 * {@code setpriv --pdeathsig} is tied to the thread that started the program, so one thread that
 * lives as long as this object starts all of them. Thread-safe.
 */
public final class ProgramRunner implements AutoCloseable {
  /**
   * A killed process may hang in the kernel, for example on a failing disk, so the wait for its end
   * is limited.
   */
  private static final long KILL_SECONDS = 10;

  private static final Duration NO_TIMEOUT = Duration.ofSeconds(Long.MAX_VALUE);
  private static final int MAX_LINE = 8 << 20;
  private static final int MAX_ERRORS = 16 << 10;
  private static final List<String> FOLDERS = List.of("/usr/local/bin", "/usr/bin", "/bin");

  private final ExecutorService starter =
      Executors.newSingleThreadExecutor(
          task -> Thread.ofPlatform().daemon().name("child-starter").unstarted(task));

  /**
   * @param standardError the end of its standard error
   * @param timedOut whether it was killed because of the timeout
   */
  public record ProgramResult(int status, String standardError, boolean timedOut) {}

  /** Finds a program in the system's program folders. */
  public static Optional<Path> find(String program) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs a program to its end, or kills it if the calling thread is interrupted.
   *
   * @see #run(List, Map, Path, Consumer, Duration)
   */
  public ProgramResult run(
      List<String> command, Map<String, String> environment, Path folder, Consumer<String> line) {
    return run(command, environment, folder, line, NO_TIMEOUT);
  }

  /**
   * Runs a program to its end, or kills it after a timeout or if the calling thread is interrupted.
   *
   * @param command the program's path and its arguments
   * @param line receives each line of standard output
   * @param most the timeout
   * @throws BackupException with the reason {@code INTERRUPTED}, or if it cannot be started
   */
  public ProgramResult run(
      List<String> command,
      Map<String, String> environment,
      Path folder,
      Consumer<String> line,
      Duration most) {
    return run(lines(line), most, new ProgramStart(command, environment, folder, Optional.empty()));
  }

  /** Reads the standard output of a program. */
  @FunctionalInterface
  public interface OutputReader {
    /** Returns true if the rest is not needed. The program is then ended, which is no failure. */
    boolean read(InputStream output) throws IOException;
  }

  /** Runs a program to its end, or until the reader has read enough. */
  public ProgramResult runInto(
      List<String> command, Map<String, String> environment, Path folder, OutputReader reader) {
    return run(
        reader, NO_TIMEOUT, new ProgramStart(command, environment, folder, Optional.empty()));
  }

  /**
   * Runs a program to its end, or kills it if the calling thread is interrupted.
   *
   * @param output receives its standard output; may be a device
   */
  public ProgramResult runIntoFile(
      List<String> command, Map<String, String> environment, Path folder, Path output) {
    return run(
        lines(line -> {}),
        NO_TIMEOUT,
        new ProgramStart(command, environment, folder, Optional.of(output)));
  }

  /**
   * @param output a file for the standard output
   */
  private record ProgramStart(
      List<String> command, Map<String, String> environment, Path folder, Optional<Path> output) {}

  private ProgramResult run(OutputReader reader, Duration most, ProgramStart programStart) {
    Process process = start(programStart);
    try {
      CompletableFuture<String> errors = new CompletableFuture<>();
      var _ =
          Thread.ofVirtual()
              .name("child-errors")
              .start(() -> errors.complete(standardErrorOf(process)));
      AtomicBoolean late = new AtomicBoolean();
      if (!most.equals(NO_TIMEOUT)) {
        var _ =
            process
                .onExit()
                .orTimeout(most.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(
                    _ -> {
                      late.set(true);
                      return process.destroyForcibly();
                    });
      }
      boolean enough = readOutput(process, reader);
      if (enough) {
        process.destroyForcibly();
      }
      int status = process.waitFor();
      return new ProgramResult(enough ? 0 : status, errors.join(), late.get());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw interrupted(e);
    } catch (IOException e) {
      throw Thread.currentThread().isInterrupted()
          ? interrupted(e)
          : new BackupException(
              BackupReason.BACKUP_FAILED,
              "the output of " + programStart.command().getFirst() + " ended: " + e,
              e);
    } finally {
      // Wait until the process has ended, because the caller may need the files and locks that it
      // uses.
      process.destroyForcibly();
      process.onExit().completeOnTimeout(process, KILL_SECONDS, TimeUnit.SECONDS).join();
    }
  }

  private static BackupException interrupted(Exception cause) {
    return new BackupException(
        BackupReason.INTERRUPTED, "the program was stopped before it finished", cause);
  }

  private Process start(ProgramStart programStart) {
    List<String> command = new ArrayList<>();
    find("setpriv")
        .ifPresent(setpriv -> command.addAll(List.of(setpriv.toString(), "--pdeathsig", "KILL")));
    command.addAll(RawArguments.decoding(programStart.command()));
    ProcessBuilder builder = new ProcessBuilder(command).directory(programStart.folder().toFile());
    programStart.output().ifPresent(file -> builder.redirectOutput(file.toFile()));
    builder.environment().keySet().removeIf(name -> name.startsWith("RESTIC_"));
    builder.environment().putAll(programStart.environment());
    try {
      return CompletableFuture.supplyAsync(() -> startProcess(builder), starter).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof BackupException failure ? failure : e;
    }
  }

  private static Process startProcess(ProcessBuilder builder) {
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

  /**
   * Reads the output on another thread and polls for the end of that thread, because a blocking
   * read of a pipe ignores interrupts.
   */
  private static boolean readOutput(Process process, OutputReader reader)
      throws IOException, InterruptedException {
    Thread caller = Thread.currentThread();
    CompletableFuture<Boolean> read = new CompletableFuture<>();
    var _ = Thread.ofVirtual().name("child-output").start(() -> pump(process, reader, read));
    try {
      return read.get();
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

  private static void pump(Process process, OutputReader reader, CompletableFuture<Boolean> read) {
    try (InputStream output = process.getInputStream()) {
      read.complete(reader.read(output));
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      read.completeExceptionally(e);
    }
  }

  private static OutputReader lines(Consumer<String> line) {
    return output -> {
      BufferedReader reader =
          new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8));
      StringBuilder text = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        if (c == '\n') {
          line.accept(text.toString());
          text.setLength(0);
        } else if (text.length() < MAX_LINE) {
          text.append((char) c);
        }
      }
      if (!text.isEmpty()) {
        line.accept(text.toString());
      }
      return false;
    };
  }

  /** Returns the end of standard error. */
  private static String standardErrorOf(Process process) {
    StringBuilder kept = new StringBuilder();
    try (BufferedReader reader = process.errorReader(StandardCharsets.UTF_8)) {
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        kept.append((char) c);
        if (kept.length() > 2 * MAX_ERRORS) {
          kept.delete(0, MAX_ERRORS);
        }
      }
    } catch (IOException ended) {
      // Use the output that was read before the timeout.
    }
    return kept.toString();
  }

  @Override
  public void close() {
    starter.shutdown();
  }
}
