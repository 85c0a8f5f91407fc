package io.dropserver.bench;

import io.dropserver.base.process.Program;
import io.dropserver.web.control.ControlClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Runs Dropserver in a separate process, with the command that production uses. */
final class BenchServer implements AutoCloseable {
  private static final long STOP_SECONDS = 60;
  private static final Duration SYNC_LIMIT = Duration.ofMinutes(5);
  private static final Duration KNOWN_LIMIT = Duration.ofMinutes(5);

  private final BenchEnvironment benchEnvironment;
  private final Process process;
  private final Path state;
  private final int port;
  private final BufferedReader output;

  private BenchServer(BenchEnvironment benchEnvironment, Process process, Path state, int port) {
    this.benchEnvironment = benchEnvironment;
    this.process = process;
    this.state = state;
    this.port = port;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts the server with additional options, and waits until it reports that it serves. */
  static BenchServer start(
      BenchEnvironment benchEnvironment, BenchInstance benchInstance, Path state, String... options)
      throws IOException, InterruptedException {
    return startWithPrefix(List.of(), benchEnvironment, benchInstance, state, options);
  }

  /**
   * Starts the server through another command.
   *
   * @param prefix a command that runs the rest of its arguments in its own process
   */
  static BenchServer startWithPrefix(
      List<String> prefix,
      BenchEnvironment benchEnvironment,
      BenchInstance benchInstance,
      Path state,
      String... options)
      throws IOException, InterruptedException {
    BenchServer server = launch(prefix, benchEnvironment, benchInstance, state, options);
    server.awaitServing();
    return server;
  }

  /** Starts the server and does not wait for it; see {@link #awaitServing}. */
  static BenchServer launch(
      List<String> prefix,
      BenchEnvironment benchEnvironment,
      BenchInstance benchInstance,
      Path state,
      String... options)
      throws IOException {
    int port = BenchEnvironment.freePort();
    List<String> command = new ArrayList<>(prefix);
    command.addAll(List.of(benchEnvironment.dropserver(), "run"));
    command.addAll(List.of("--repo", benchInstance.remote().toString()));
    command.addAll(List.of("--state", state.toString(), "--listen", "127.0.0.1:" + port));
    command.addAll(List.of(options));
    Process process =
        Program.of(command)
            .inheritEnvironment()
            .errorsTo(Files.createTempFile(benchEnvironment.scratch(), "server", ".log"))
            .start();
    return new BenchServer(benchEnvironment, process, state, port);
  }

  /** Waits until the server reports that it serves. */
  void awaitServing() throws IOException {
    String line;
    while ((line = output.readLine()) != null) {
      if (line.contains("serving http")) {
        Thread.ofVirtual().start(this::discardOutput);
        return;
      }
    }
    throw new IOException(
        "the server ended before it served; see the log in " + benchEnvironment.scratch());
  }

  private void discardOutput() {
    output.lines().forEach(line -> {});
  }

  int port() {
    return port;
  }

  /** Triggers a sync and waits for it, like a hook after a push, but without starting a process. */
  void sync() {
    new ControlClient(state).sync(Optional.empty(), Optional.of(SYNC_LIMIT));
  }

  /**
   * Waits until the front door has a route for the host and its app is installed. The path is
   * reserved for the front door itself, so no sandbox starts.
   */
  void awaitRoute(String host) throws IOException, InterruptedException {
    HttpProbe.await(HttpProbe.loopback(port), host, "/.dropserver/", 404, KNOWN_LIMIT);
  }

  /** Waits until no sandbox runs. */
  void awaitAllStopped(Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (process.descendants().anyMatch(BenchServer::isDeno)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("idle sandboxes do not stop");
      }
      Thread.sleep(Duration.ofMillis(200));
    }
  }

  private static boolean isDeno(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("/deno")).isPresent();
  }

  /** Returns the resident memory of the server's process in mebibytes. */
  double residentMebibytes() throws IOException {
    return ProcessMemory.residentMebibytes(process.pid());
  }

  long pid() {
    return process.pid();
  }

  /** Stops the server gracefully, so that it also stops its sandboxes. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
