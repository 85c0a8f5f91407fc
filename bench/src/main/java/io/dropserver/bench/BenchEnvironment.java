package io.dropserver.bench;

import io.dropserver.base.process.Program;
import io.dropserver.base.process.ProgramEnd;
import io.dropserver.state.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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

  private static final Duration COMMAND_TIMEOUT = Duration.ofMinutes(5);
  private static final int MAX_OUTPUT = 16 << 20;

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
  String run(Path folder, String... command) throws IOException {
    ProgramEnd end = runUnchecked(folder, command);
    if (!end.succeeded()) {
      throw new IOException(
          "%s: %s with %d: %s"
              .formatted(String.join(" ", command), end.cause(), end.status(), end.output()));
    }
    return end.output();
  }

  /** Runs a command whose exit code is part of the result. */
  ProgramEnd runUnchecked(Path folder, String... command) throws IOException {
    return Program.of(command)
        .inheritEnvironment()
        .folder(folder)
        .mergeErrors()
        .keepLast(MAX_OUTPUT)
        .timeout(COMMAND_TIMEOUT)
        .run();
  }

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
