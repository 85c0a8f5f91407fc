package io.dropserver.bench;

import io.dropserver.schema.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The environment of scenarios: a scratch folder, the checkout's programs and the number of rounds.
 * Not thread-safe.
 *
 * @param checkout the root of the source tree
 * @param scratch an empty folder, deleted at the end
 * @param rounds number of measurements of each side
 * @param minutes duration of a soak
 */
record BenchEnvironment(Path checkout, Path scratch, int rounds, int minutes)
    implements AutoCloseable {

  private static final long COMMAND_TIMEOUT_SECONDS = 300;

  Path folder(String name) throws IOException {
    return Files.createTempDirectory(scratch, name + "-");
  }

  String dropserver() {
    return checkout.resolve("bin/dropserver").toString();
  }

  /** Returns the pinned Deno of this checkout. */
  Path deno() throws IOException {
    try (Stream<Path> packages = Files.list(checkout.resolve("tools/node_modules/@deno"))) {
      return packages
          .map(folder -> folder.resolve("deno"))
          .filter(Files::isExecutable)
          .findFirst()
          .orElseThrow(() -> new IOException("Deno is missing; run bin/setup"));
    }
  }

  /** Finds a program of the machine that a peer needs, or returns empty if it is not installed. */
  Optional<Path> program(String name) {
    for (String folder : List.of("/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin")) {
      Path candidate = Path.of(folder, name);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /**
   * Runs a command to its end.
   *
   * @return its standard output
   * @throws IOException if it fails, with its output
   */
  String run(Path folder, String... command) throws IOException, InterruptedException {
    CommandResult commandResult = runUnchecked(folder, command);
    if (commandResult.status() != 0) {
      throw new IOException(
          String.join(" ", command)
              + " ended with "
              + commandResult.status()
              + ": "
              + commandResult.output());
    }
    return commandResult.output();
  }

  /** Runs a command whose exit code is part of the result. */
  CommandResult runUnchecked(Path folder, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(scratch, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    process.getOutputStream().close();
    if (!process.waitFor(COMMAND_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + " did not end in time");
    }
    String text = Files.readString(output);
    Files.delete(output);
    return new CommandResult(process.exitValue(), text);
  }

  record CommandResult(int status, String output) {}

  /** Returns the duration of the action in milliseconds. */
  static double time(TimedAction timedAction) throws IOException, InterruptedException {
    long start = System.nanoTime();
    timedAction.run();
    return (System.nanoTime() - start) / 1e6;
  }

  /** An action to measure. */
  interface TimedAction {
    void run() throws IOException, InterruptedException;
  }

  @Override
  public void close() {
    try {
      AtomicFiles.deleteTree(scratch);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + scratch + "; remove it by hand", e);
    }
  }
}
