package io.dropserver.base.process;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * A program to start: without a shell, and unless told otherwise in the root folder, without
 * environment variables, and with an empty input. Not thread-safe.
 */
public final class Program {
  /** {@code PATH} is not used: a caller that sets it would choose what runs as root. */
  public static final List<Path> FOLDERS =
      Stream.of("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin").map(Path::of).toList();

  /** For programs that start others, or whose messages are read. */
  public static final Map<String, String> PLAIN_ENVIRONMENT =
      Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C");

  private static final Redirect NOTHING = Redirect.from(Path.of("/dev/null").toFile());

  private final ProcessBuilder builder;
  private final ProgramRun run = new ProgramRun();
  private boolean endsWithServer;

  private Program(List<String> command) {
    builder = new ProcessBuilder(command).directory(Path.of("/").toFile()).redirectInput(NOTHING);
    builder.environment().clear();
  }

  /**
   * @param command a path, or a name that is searched in this process's {@code PATH}, and arguments
   */
  public static Program of(List<String> command) {
    return new Program(List.copyOf(command));
  }

  public static Program of(String... command) {
    return of(List.of(command));
  }

  /** Finds a program in the system's program folders. */
  public static Optional<Path> find(String name) {
    return FOLDERS.stream()
        .map(folder -> folder.resolve(name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  public Program folder(Path folder) {
    builder.directory(folder.toFile());
    return this;
  }

  /** Adds variables. */
  public Program environment(Map<String, String> variables) {
    builder.environment().putAll(variables);
    return this;
  }

  /** Adds all variables of this process, and uses its working folder. */
  public Program inheritEnvironment() {
    return environment(System.getenv()).folder(Path.of("").toAbsolutePath());
  }

  /** Writes these bytes to the standard input, as many as the program reads. */
  public Program input(byte[] bytes) {
    builder.redirectInput(Redirect.PIPE);
    run.input = Optional.of(bytes);
    return this;
  }

  public Program input(Path file) {
    builder.redirectInput(file.toFile());
    return this;
  }

  /** Shares the standard input of this process, such as a terminal. */
  public Program inheritInput() {
    builder.redirectInput(Redirect.INHERIT);
    return this;
  }

  /** Shares input and outputs of this process. */
  public Program onTerminal() {
    builder.inheritIO();
    return this;
  }

  /**
   * @param file receives the standard output; may be a device
   */
  public Program outputTo(Path file) {
    builder.redirectOutput(file.toFile());
    return this;
  }

  /**
   * @param file receives the standard error
   */
  public Program errorsTo(Path file) {
    builder.redirectError(file.toFile());
    return this;
  }

  /** Passes the standard output to a reader instead of keeping it. */
  public Program outputTo(OutputReader reader) {
    run.reader = reader;
    return this;
  }

  /** Keeps the first bytes of the standard output, and kills a program that writes more. */
  public Program keepFirst(int bytes) {
    run.reader = CapturedOutput.first(bytes);
    return this;
  }

  /** Keeps the last bytes of the standard output. The default is 16 KiB. */
  public Program keepLast(int bytes) {
    run.reader = CapturedOutput.last(bytes);
    return this;
  }

  /** Treats the standard error as part of the standard output. */
  public Program mergeErrors() {
    builder.redirectErrorStream(true);
    return this;
  }

  /** Kills the program, with all that it started, after this time. The default is no limit. */
  public Program timeout(Duration timeout) {
    run.timeout = Optional.of(timeout);
    return this;
  }

  /** Kills the program as soon as the future is complete. */
  public Program until(CompletableFuture<?> cancelled) {
    run.cancelled = cancelled;
    return this;
  }

  /** Does not kill the program when the calling thread is interrupted. */
  public Program ignoreInterrupts() {
    run.ignoresInterrupts = true;
    return this;
  }

  /** The kernel kills the program when this process ends, by setpriv(1) if it is installed. */
  public Program endWithServer() {
    endsWithServer = true;
    find("setpriv")
        .ifPresent(
            setpriv -> {
              List<String> command =
                  new ArrayList<>(List.of(setpriv.toString(), "--pdeathsig", "KILL"));
              command.addAll(builder.command());
              builder.command(command);
            });
    return this;
  }

  /**
   * Runs the program to its end. The caller's interrupt kills the program, with all that it
   * started, and blocks until it has ended, because the caller may need its files and locks.
   *
   * @throws InterruptedIOException after an interrupt; the interrupt status stays set
   * @throws IOException if it cannot be started, or if a reader of its output fails
   */
  public ProgramEnd run() throws IOException {
    return run.await(startProcess());
  }

  /** Reads what a started process writes, as {@link #run} does. Keeps the last 16 KiB. */
  public static ProgramEnd await(Process process, Duration timeout) throws IOException {
    ProgramRun run = new ProgramRun();
    run.timeout = Optional.of(timeout);
    return run.await(process);
  }

  /**
   * Starts the program and leaves its streams and its end to the caller. Its input is a pipe unless
   * another one was chosen.
   */
  public Process start() throws IOException {
    if (builder.redirectInput().equals(NOTHING)) {
      builder.redirectInput(Redirect.PIPE);
    }
    return startProcess();
  }

  private Process startProcess() throws IOException {
    if (!endsWithServer) {
      return builder.start();
    }
    // The kernel kills the program when the thread that started it ends, prctl(2). So that thread
    // waits for the program.
    CompletableFuture<Process> started = new CompletableFuture<>();
    Thread.ofPlatform().daemon().name("program").start(() -> startAndWait(started));
    try {
      return started.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException refused) {
        throw refused;
      }
      throw e;
    }
  }

  private void startAndWait(CompletableFuture<Process> started) {
    try {
      Process process = builder.start();
      started.complete(process);
      process.onExit().join();
    } catch (IOException | RuntimeException | Error e) {
      started.completeExceptionally(e);
    }
  }
}
