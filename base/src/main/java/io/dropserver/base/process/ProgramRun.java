package io.dropserver.base.process;

import io.dropserver.base.linux.Signals;
import io.dropserver.base.process.ProgramEnd.Cause;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Reads the outputs of one program and waits for its end. Each stream has a platform thread,
 * because reading a pipe blocks the carrier of a virtual one, and cannot be interrupted.
 */
final class ProgramRun {
  /** A killed process may hang in the kernel, for example on a failing disk. */
  private static final long KILL_SECONDS = 10;

  /** How long a child of the program may keep an output open after the program has ended. */
  private static final long GRACE_SECONDS = 1;

  private static final int ERROR_BYTES = 16 << 10;

  private final CapturedOutput errors = CapturedOutput.last(ERROR_BYTES);
  OutputReader reader = CapturedOutput.last(ERROR_BYTES);
  Optional<byte[]> input = Optional.empty();
  Optional<Duration> timeout = Optional.empty();
  CompletableFuture<?> cancelled = new CompletableFuture<>();
  boolean ignoresInterrupts;

  /** Blocks until the program has ended, and its readers too. */
  ProgramEnd await(Process process) throws IOException {
    var errorsRead = onThread("errors", () -> errors.read(process.getErrorStream()));
    var outputRead = onThread("output", () -> reader.read(process.getInputStream()));
    if (input.isPresent()) {
      var _ = onThread("input", () -> write(input.get(), process));
    }
    Cause cause;
    try {
      cause = cause(result(process, outputRead));
    } finally {
      kill(process);
      CompletableFuture.allOf(errorsRead, outputRead)
          .handle((_, _) -> true)
          .completeOnTimeout(true, GRACE_SECONDS, TimeUnit.SECONDS)
          .join();
      // A child that outlives the program may have them open.
      close(process.getErrorStream());
      close(process.getInputStream());
    }
    return new ProgramEnd(
        cause,
        process.isAlive() ? -1 : process.exitValue(),
        reader instanceof CapturedOutput captured ? captured.text() : "",
        errors.text());
  }

  private static CompletableFuture<Boolean> onThread(String name, Callable<Boolean> work) {
    CompletableFuture<Boolean> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("program-" + name)
        .start(
            () -> {
              try {
                result.complete(work.call());
              } catch (Exception | Error e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  /** The program may end before it has read everything. Its exit status decides what that means. */
  private static boolean write(byte[] bytes, Process process) throws IOException {
    try (OutputStream stream = process.getOutputStream()) {
      stream.write(bytes);
    }
    return true;
  }

  private CompletableFuture<Cause> result(Process process, CompletableFuture<Boolean> outputRead) {
    CompletableFuture<Cause> result = new CompletableFuture<>();
    var _ =
        outputRead.whenComplete(
            (enough, failure) -> {
              if (failure != null) {
                result.completeExceptionally(failure);
              } else if (enough) {
                result.complete(Cause.OUTPUT_SUFFICIENT);
              } else {
                var _ = process.onExit().thenRun(() -> result.complete(Cause.EXITED));
              }
            });
    if (reader instanceof CapturedOutput) {
      var _ =
          process
              .onExit()
              .thenCompose(
                  _ ->
                      result.completeOnTimeout(
                          Cause.OUTPUT_LEFT_OPEN, GRACE_SECONDS, TimeUnit.SECONDS));
    }
    return timeout
        .map(
            limit ->
                result.completeOnTimeout(Cause.TIMED_OUT, limit.toMillis(), TimeUnit.MILLISECONDS))
        .orElse(result);
  }

  private Cause cause(CompletableFuture<Cause> result) throws IOException {
    // Unlike a dependent of the other future, this one is forgotten by it.
    CompletableFuture<Object> first = CompletableFuture.anyOf(result, cancelled);
    try {
      Object _ = ignoresInterrupts ? first.join() : first.get();
      return result.getNow(Cause.CANCELLED);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("the program was interrupted").initCause(e);
    } catch (ExecutionException | CompletionException e) {
      throw failure(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private static IOException failure(Throwable cause) {
    return switch (cause) {
      case IOException failure -> failure;
      case RuntimeException failure -> throw failure;
      case Error failure -> throw failure;
      default -> new IOException(cause);
    };
  }

  /** Kills the program and all that it has started, and waits for their ends. */
  private static void kill(Process process) {
    if (process.isAlive()) {
      Stream<CompletableFuture<?>> ends =
          Stream.concat(
              Stream.of(process.onExit()),
              Signals.killTree(process.toHandle()).stream().map(ProcessHandle::onExit));
      CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
          .completeOnTimeout(null, KILL_SECONDS, TimeUnit.SECONDS)
          .join();
    }
  }

  private static void close(InputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
