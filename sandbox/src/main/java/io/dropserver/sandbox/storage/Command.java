package io.dropserver.sandbox.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs short-lived programs of the machine. Their file names come from the server, never from an
 * app.
 */
final class Command {
  /** The timeout of a program. Long, because moving a large folder into its volume takes time. */
  private static final long SECONDS = 3_600;

  private static final List<String> FOLDERS = List.of("/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private Command() {}

  record Finished(int status, String output) {}

  static Optional<Path> find(String program) {
    return FOLDERS.stream()
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Runs a program and waits for its end, at most one hour.
   *
   * @return its output
   * @throws StorageException when it fails; the message contains its output
   */
  static String run(String... command) {
    return requireSuccess(runUnchecked(command), command);
  }

  static String requireSuccess(Finished finished, String... command) {
    if (finished.status() != 0) {
      throw new StorageException(
          String.join(" ", command)
              + " failed ("
              + finished.status()
              + "): "
              + finished.output().strip());
    }
    return finished.output();
  }

  /** Runs a program whose exit status is part of its result, and waits for its end. */
  static Finished runUnchecked(String... command) {
    return finish(start(command), command[0]);
  }

  static Process start(String... command) {
    String[] resolved = command.clone();
    resolved[0] = find(command[0]).map(Path::toString).orElse(command[0]);
    try {
      Process process = new ProcessBuilder(resolved).redirectErrorStream(true).start();
      process.getOutputStream().close();
      return process;
    } catch (IOException e) {
      throw new StorageException("cannot run " + command[0] + ": " + e, e);
    }
  }

  /** Waits until the program and its children have ended, because they share the output stream. */
  static Finished finish(Process process, String program) {
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new StorageException(program + " did not end within " + SECONDS + " seconds");
      }
      return new Finished(process.exitValue(), output);
    } catch (IOException e) {
      throw new StorageException("cannot run " + program + ": " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("interrupted while running " + program, e);
    }
  }
}
